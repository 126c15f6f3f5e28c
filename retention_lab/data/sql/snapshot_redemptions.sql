-- Offers that a customer redeemed.
SELECT cutoffs.cutoff_row, count(redemptions.redeemed_at) AS redemptions
FROM cutoffs
LEFT JOIN redemptions
  ON redemptions.customer_id = cutoffs.customer_id AND redemptions.redeemed_at < cutoffs.as_of
GROUP BY cutoffs.cutoff_row
