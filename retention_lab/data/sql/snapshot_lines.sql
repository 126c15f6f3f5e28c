-- All order lines: whose, of which order, when, and the money. Which of them count is decided while they are
-- added up: filtering so many rows here takes longer.
SELECT
  order_lines.customer_id AS customer_id,
  order_lines.order_id AS order_id,
  order_lines.ordered_at AS moment,
  CAST(order_lines.amount AS DECIMAL(18, 4)) AS amount,
  CAST(order_lines.discount AS DECIMAL(18, 4)) AS discount,
  CAST(order_lines.contribution AS DECIMAL(18, 4)) AS contribution
FROM order_lines
WHERE order_lines.amount IS NOT NULL
