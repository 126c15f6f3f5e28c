-- When each customer placed orders before an instant, one list a customer (in no order).
-- An order is an order_id with at least one positive line, placed at the first of them; returns are none.
WITH orders AS (
  SELECT transactions.customer_id, min(transactions.ordered_at) AS placed_at
  FROM transactions
  WHERE transactions.amount > 0 AND transactions.customer_id IS NOT NULL AND transactions.ordered_at < $until
  GROUP BY transactions.customer_id, transactions.order_id
)

SELECT orders.customer_id, array_agg(orders.placed_at) AS placed_at
FROM orders
GROUP BY orders.customer_id
