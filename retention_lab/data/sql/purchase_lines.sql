-- What each customer bought and returned at one moment: contribution, and whether anything was bought.
-- Lines without a customer are nobody's and left out. Sums are of decimals, so the order of rows does not show in the last digit.
SELECT
  order_lines.customer_id,
  order_lines.ordered_at,
  CAST(sum(CAST(order_lines.contribution AS DECIMAL(18, 4))) AS DOUBLE) AS value,
  max(order_lines.amount) >= 0 AS bought
FROM order_lines
WHERE order_lines.ordered_at < $until AND order_lines.customer_id IS NOT NULL
GROUP BY order_lines.customer_id, order_lines.ordered_at
ORDER BY order_lines.customer_id, order_lines.ordered_at
