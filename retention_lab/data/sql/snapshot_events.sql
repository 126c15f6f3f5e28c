-- What a customer did in the shop's channels, and whether it thins out.
WITH counted AS (
  SELECT
    cutoffs.cutoff_row,
    cutoffs.as_of,
    max(events.at) AS last_at,
    count(*) FILTER (WHERE events.at >= cutoffs.as_of - INTERVAL 30 DAY) AS events_30,
    count(*) FILTER (WHERE events.at >= cutoffs.as_of - INTERVAL 60 DAY) AS events_60,
    count(*) FILTER (WHERE events.kind = 'view' AND events.at >= cutoffs.as_of - INTERVAL 30 DAY) AS views_30,
    count(*) FILTER (WHERE events.kind = 'cart' AND events.at >= cutoffs.as_of - INTERVAL 30 DAY) AS carts_30
  FROM cutoffs
  LEFT JOIN events ON events.customer_id = cutoffs.customer_id AND events.at < cutoffs.as_of
  GROUP BY cutoffs.cutoff_row, cutoffs.as_of
)

SELECT
  counted.cutoff_row,
  counted.events_30,
  counted.views_30,
  counted.carts_30,
  date_diff('microsecond', counted.last_at, counted.as_of) / 86400e6 AS last_visit_days,
  CAST(2 * counted.events_30 - counted.events_60 AS DOUBLE) / nullif(counted.events_60, 0) AS visit_trend
FROM counted
