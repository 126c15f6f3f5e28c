-- Offers that a customer redeemed.
SELECT
  cutoffs.cutoff_row,
  count(redemptions.redeemed_at) AS redemptions,
  count(*) FILTER (WHERE redemptions.redeemed_at >= cutoffs.as_of - INTERVAL 90 DAY) AS redemptions_90,
  count(*) FILTER (WHERE redemptions.redeemed_at >= cutoffs.as_of - INTERVAL 365 DAY) AS redemptions_365,
  date_diff('microsecond', max(redemptions.redeemed_at), max(cutoffs.as_of)) / 86400e6 AS last_redemption_days
FROM cutoffs
LEFT JOIN redemptions
  ON redemptions.customer_id = cutoffs.customer_id AND redemptions.redeemed_at < cutoffs.as_of
GROUP BY cutoffs.cutoff_row
