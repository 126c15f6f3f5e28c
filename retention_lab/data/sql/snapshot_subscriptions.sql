-- Subscriptions begun before the cut-off. One that ends at or after it still runs: its end is not known yet.
SELECT
  cutoffs.cutoff_row,
  count(subscriptions.started_at)
    FILTER (WHERE subscriptions.ended_at IS NULL OR subscriptions.ended_at >= cutoffs.as_of) > 0
    AS subscription_active,
  CAST(coalesce(sum(CAST(subscriptions.monthly_fee AS DECIMAL(18, 4)))
    FILTER (WHERE subscriptions.ended_at IS NULL OR subscriptions.ended_at >= cutoffs.as_of), 0) AS DOUBLE)
    AS subscription_monthly_fee,
  coalesce(sum(date_diff(
    'microsecond',
    subscriptions.started_at,
    CASE WHEN subscriptions.ended_at < cutoffs.as_of THEN subscriptions.ended_at ELSE cutoffs.as_of END
  )), 0) / 86400e6 / 30.4375 AS subscription_months,
  count(subscriptions.started_at) AS subscriptions,
  date_diff('microsecond', min(subscriptions.started_at) FILTER (
    WHERE subscriptions.ended_at IS NULL OR subscriptions.ended_at >= cutoffs.as_of
  ), max(cutoffs.as_of)) / 86400e6 AS subscription_running_days,
  date_diff('microsecond', max(subscriptions.ended_at) FILTER (
    WHERE subscriptions.ended_at < cutoffs.as_of
  ), max(cutoffs.as_of)) / 86400e6 AS subscription_ended_days,
  min(subscriptions.plan) FILTER (
    WHERE subscriptions.ended_at IS NULL OR subscriptions.ended_at >= cutoffs.as_of
  ) AS subscription_plan
FROM cutoffs
LEFT JOIN subscriptions
  ON subscriptions.customer_id = cutoffs.customer_id AND subscriptions.started_at < cutoffs.as_of
GROUP BY cutoffs.cutoff_row
