-- What a customer did in the shop's channels, and whether it thins out. What became of messages to a customer
-- is no visit: its kinds begin with message_. Nor are marks of leaving, which snapshot_marks.sql counts.
WITH counted AS (
  SELECT
    cutoffs.cutoff_row,
    cutoffs.as_of,
    max(events.at) AS last_at,
    count(events.at) AS events_ever,
    count(*) FILTER (WHERE events.at >= cutoffs.as_of - INTERVAL 7 DAY) AS events_7,
    count(*) FILTER (WHERE events.at >= cutoffs.as_of - INTERVAL 30 DAY) AS events_30,
    count(*) FILTER (WHERE events.at >= cutoffs.as_of - INTERVAL 60 DAY) AS events_60,
    count(*) FILTER (WHERE events.at >= cutoffs.as_of - INTERVAL 90 DAY) AS events_90,
    count(*) FILTER (WHERE events.at >= cutoffs.as_of - INTERVAL 180 DAY) AS events_180,
    count(*) FILTER (WHERE events.at >= cutoffs.as_of - INTERVAL 365 DAY) AS events_365,
    count(*) FILTER (WHERE events.kind = 'view' AND events.at >= cutoffs.as_of - INTERVAL 30 DAY) AS views_30,
    count(*) FILTER (WHERE events.kind = 'view' AND events.at >= cutoffs.as_of - INTERVAL 90 DAY) AS views_90,
    count(*) FILTER (WHERE events.kind = 'cart' AND events.at >= cutoffs.as_of - INTERVAL 30 DAY) AS carts_30,
    count(*) FILTER (WHERE events.kind = 'cart' AND events.at >= cutoffs.as_of - INTERVAL 90 DAY) AS carts_90,
    count(DISTINCT events.channel) FILTER (WHERE events.at >= cutoffs.as_of - INTERVAL 90 DAY)
      AS visit_channels_90,
    count(DISTINCT events.session_id) FILTER (WHERE events.at >= cutoffs.as_of - INTERVAL 90 DAY)
      AS sessions_90,
    count(DISTINCT events.product_id) FILTER (WHERE events.at >= cutoffs.as_of - INTERVAL 90 DAY)
      AS products_seen_90
  FROM cutoffs
  LEFT JOIN events
    ON events.customer_id = cutoffs.customer_id AND events.at < cutoffs.as_of
    AND (events.kind IS NULL OR left(events.kind, 8) <> 'message_')
    AND coalesce(events.kind, '') NOT IN ('defect_report', 'service_call', 'price_comparison', 'rival_visit')
  GROUP BY cutoffs.cutoff_row, cutoffs.as_of
)

SELECT
  counted.cutoff_row,
  counted.events_30,
  counted.views_30,
  counted.carts_30,
  date_diff('microsecond', counted.last_at, counted.as_of) / 86400e6 AS last_visit_days,
  CAST(2 * counted.events_30 - counted.events_60 AS DOUBLE) / nullif(counted.events_60, 0) AS visit_trend,
  counted.events_ever AS events,
  counted.events_7,
  counted.events_90,
  counted.events_180,
  counted.events_365,
  CAST(2 * counted.events_90 - counted.events_180 AS DOUBLE) / nullif(counted.events_180, 0) AS visit_trend_90,
  counted.views_90,
  counted.carts_90,
  counted.visit_channels_90,
  counted.sessions_90,
  counted.products_seen_90
FROM counted
