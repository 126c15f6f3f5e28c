-- Which products each order holds, with the moment of the order. What was returned was bought all the same.
-- Lines without a product say nothing about what goes together.
SELECT
  order_lines.order_id,
  order_lines.product_id,
  min(min(order_lines.ordered_at)) OVER (PARTITION BY order_lines.order_id) AS ordered_at
FROM order_lines
WHERE order_lines.ordered_at < $until AND order_lines.amount >= 0 AND order_lines.product_id IS NOT NULL
GROUP BY order_lines.order_id, order_lines.product_id
ORDER BY order_lines.order_id, order_lines.product_id
