-- Redemptions as the shop recorded them; one without an experiment counts by its date alone.
SELECT redemptions.experiment, redemptions.customer_id, redemptions.offer_id, redemptions.redeemed_at
FROM redemptions
