-- Redemptions read off the order lines, where no table of redemptions exists.
SELECT
  CAST(NULL AS TEXT) AS experiment,
  transactions.customer_id,
  transactions.offer_id,
  transactions.ordered_at AS redeemed_at
FROM transactions
WHERE transactions.amount > 0 AND transactions.offer_id IS NOT NULL
