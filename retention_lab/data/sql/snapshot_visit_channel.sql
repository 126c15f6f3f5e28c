-- The channel of most events in the last 365 days (ties: by name).
WITH counted AS (
  SELECT cutoffs.cutoff_row, events.channel, count(*) AS events
  FROM cutoffs
  JOIN events ON events.customer_id = cutoffs.customer_id AND events.at < cutoffs.as_of
  WHERE events.channel IS NOT NULL AND events.at >= cutoffs.as_of - INTERVAL 365 DAY
    AND (events.kind IS NULL OR left(events.kind, 8) <> 'message_')
    AND coalesce(events.kind, '') NOT IN ('defect_report', 'service_call', 'price_comparison', 'rival_visit')
  GROUP BY cutoffs.cutoff_row, events.channel
),

ranked AS (
  SELECT
    counted.cutoff_row,
    counted.channel,
    row_number() OVER (PARTITION BY counted.cutoff_row ORDER BY counted.events DESC, counted.channel) AS place
  FROM counted
)

SELECT cutoffs.cutoff_row, ranked.channel AS top_visit_channel
FROM cutoffs
LEFT JOIN ranked ON ranked.cutoff_row = cutoffs.cutoff_row AND ranked.place = 1
