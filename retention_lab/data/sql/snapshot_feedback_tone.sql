-- How a customer's messages were meant, as a model read them; each counts from the moment it was written.
-- Tones are summed as decimals, so the order of rows does not show.
WITH meant AS (
  SELECT
    cutoffs.cutoff_row,
    cutoffs.as_of,
    feedback_tone.at,
    feedback_tone.topic,
    CAST(feedback_tone.tone AS DECIMAL(18, 6)) AS tone,
    max(feedback_tone.at) OVER (PARTITION BY cutoffs.cutoff_row) AS last_at,
    max(CASE WHEN feedback_tone.tone < 0.5 THEN feedback_tone.at END) OVER (PARTITION BY cutoffs.cutoff_row)
      AS complained_at
  FROM cutoffs
  LEFT JOIN feedback_tone
    ON feedback_tone.customer_id = cutoffs.customer_id AND feedback_tone.at < cutoffs.as_of
)

SELECT
  meant.cutoff_row,
  CAST(sum(meant.tone) AS DOUBLE) / nullif(count(meant.tone), 0) AS mean_tone,
  count(*) FILTER (WHERE meant.tone < 0.5) AS complaints,
  count(*) FILTER (WHERE meant.tone < 0.5 AND meant.at >= meant.as_of - INTERVAL 365 DAY) AS complaints_365,
  CAST(min(meant.tone) FILTER (WHERE meant.at = meant.last_at) AS DOUBLE) AS last_tone,
  CAST(min(meant.tone) AS DOUBLE) AS lowest_tone,
  date_diff('microsecond', max(meant.complained_at), max(meant.as_of)) / 86400e6 AS last_complaint_days,
  min(meant.topic) FILTER (WHERE meant.at = meant.complained_at AND meant.tone < 0.5) AS last_complaint_topic
FROM meant
GROUP BY meant.cutoff_row
