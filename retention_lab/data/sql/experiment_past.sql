-- What every known customer did in [$starts, $ends), whatever was sent to them: the units of a test to come.
-- Counted as experiment_rows counts an experiment's: returns at their own time, and never as orders.
WITH orders AS (
  SELECT
    order_lines.customer_id,
    count(DISTINCT order_lines.order_id) FILTER (WHERE order_lines.amount > 0) AS orders,
    sum(CAST(order_lines.amount AS DECIMAL(18, 4))) AS revenue,
    sum(CAST(order_lines.contribution AS DECIMAL(18, 4))) AS contribution
  FROM order_lines
  WHERE order_lines.ordered_at >= $starts AND order_lines.ordered_at < $ends
  GROUP BY order_lines.customer_id
)

SELECT
  known_customers.customer_id,
  coalesce(orders.orders, 0) AS orders,
  CAST(coalesce(orders.orders, 0) > 0 AS BIGINT) AS active,
  CAST(coalesce(orders.revenue, 0) AS DOUBLE) AS revenue,
  CAST(coalesce(orders.contribution, 0) AS DOUBLE) AS contribution
FROM known_customers
LEFT JOIN orders ON orders.customer_id = known_customers.customer_id
ORDER BY known_customers.customer_id
