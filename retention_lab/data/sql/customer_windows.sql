-- Who ordered in the window before the last one, and in the last one, which ends at the date. Sorted by id.
SELECT
  orders.customer_id,
  bool_or(orders.ordered_at >= $earlier AND orders.ordered_at < $later) AS before,
  bool_or(orders.ordered_at >= $later) AS now
FROM (
  SELECT transactions.customer_id, transactions.order_id, min(transactions.ordered_at) AS ordered_at
  FROM transactions
  WHERE transactions.amount > 0 AND transactions.customer_id IS NOT NULL AND transactions.ordered_at < $as_of
  GROUP BY transactions.customer_id, transactions.order_id
) AS orders
GROUP BY orders.customer_id
ORDER BY orders.customer_id
