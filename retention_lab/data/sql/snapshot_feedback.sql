-- What a customer said. Scores are summed as decimals, so the order of rows does not show.
WITH said AS (
  SELECT
    cutoffs.cutoff_row,
    cutoffs.as_of,
    feedback.at,
    CAST(feedback.score AS DECIMAL(18, 4)) AS score,
    max(CASE WHEN feedback.score IS NOT NULL THEN feedback.at END) OVER (PARTITION BY cutoffs.cutoff_row) AS scored_at
  FROM cutoffs
  LEFT JOIN feedback ON feedback.customer_id = cutoffs.customer_id AND feedback.at < cutoffs.as_of
)

SELECT
  said.cutoff_row,
  count(said.at) AS feedbacks,
  CAST(sum(said.score) AS DOUBLE) / nullif(count(said.score), 0) AS mean_score,
  count(*) FILTER (WHERE said.at >= said.as_of - INTERVAL 365 DAY) AS feedbacks_365,
  date_diff('microsecond', max(said.at), max(said.as_of)) / 86400e6 AS last_feedback_days,
  CAST(sum(said.score) FILTER (WHERE said.at >= said.as_of - INTERVAL 365 DAY) AS DOUBLE)
    / nullif(count(said.score) FILTER (WHERE said.at >= said.as_of - INTERVAL 365 DAY), 0) AS mean_score_365,
  CAST(min(said.score) FILTER (WHERE said.at = said.scored_at) AS DOUBLE) AS last_score,
  CAST(min(said.score) AS DOUBLE) AS lowest_score
FROM said
GROUP BY said.cutoff_row
