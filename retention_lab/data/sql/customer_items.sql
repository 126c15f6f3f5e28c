-- Which product each customer bought, and when. What was returned was bought all the same.
-- Lines without a customer or a product say nothing about who likes what.
SELECT
  order_lines.customer_id,
  order_lines.product_id,
  order_lines.ordered_at,
  count(*) AS lines
FROM order_lines
WHERE
  order_lines.ordered_at < $until AND order_lines.amount >= 0
  AND order_lines.customer_id IS NOT NULL AND order_lines.product_id IS NOT NULL
GROUP BY order_lines.customer_id, order_lines.product_id, order_lines.ordered_at
ORDER BY order_lines.customer_id, order_lines.ordered_at, order_lines.product_id
