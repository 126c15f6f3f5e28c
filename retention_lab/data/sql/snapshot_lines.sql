-- Money over the order lines before the cut-off. A return is a negative line and counts when it came back.
-- Sums are of decimals, so the order of rows does not show in the last digit.
SELECT
  cutoffs.cutoff_row,
  CAST(coalesce(sum(CAST(order_lines.amount AS DECIMAL(18, 4))), 0) AS DOUBLE) AS revenue,
  CAST(coalesce(sum(CAST(order_lines.amount AS DECIMAL(18, 4)))
    FILTER (WHERE order_lines.ordered_at >= cutoffs.as_of - INTERVAL 30 DAY), 0) AS DOUBLE) AS revenue_30,
  CAST(coalesce(sum(CAST(order_lines.amount AS DECIMAL(18, 4)))
    FILTER (WHERE order_lines.ordered_at >= cutoffs.as_of - INTERVAL 90 DAY), 0) AS DOUBLE) AS revenue_90,
  CAST(coalesce(sum(CAST(order_lines.amount AS DECIMAL(18, 4)))
    FILTER (WHERE order_lines.ordered_at >= cutoffs.as_of - INTERVAL 365 DAY), 0) AS DOUBLE) AS revenue_365,
  CAST(coalesce(sum(CAST(order_lines.contribution AS DECIMAL(18, 4)))
    FILTER (WHERE order_lines.ordered_at >= cutoffs.as_of - INTERVAL 365 DAY), 0) AS DOUBLE) AS contribution_365,
  CAST(sum(CAST(order_lines.amount AS DECIMAL(18, 4))) FILTER (WHERE order_lines.amount > 0) AS DOUBLE)
    / nullif(count(DISTINCT order_lines.order_id) FILTER (WHERE order_lines.amount > 0), 0) AS mean_order_value,
  CAST(-coalesce(sum(CAST(order_lines.amount AS DECIMAL(18, 4))) FILTER (WHERE order_lines.amount < 0), 0) AS DOUBLE)
    / CAST(sum(CAST(order_lines.amount AS DECIMAL(18, 4))) FILTER (WHERE order_lines.amount > 0) AS DOUBLE)
    AS return_share,
  CAST(coalesce(sum(CAST(order_lines.discount AS DECIMAL(18, 4))) FILTER (WHERE order_lines.amount > 0), 0) AS DOUBLE)
    / CAST(sum(CAST(order_lines.amount AS DECIMAL(18, 4)) + coalesce(CAST(order_lines.discount AS DECIMAL(18, 4)), 0))
      FILTER (WHERE order_lines.amount > 0) AS DOUBLE) AS discount_share
FROM cutoffs
LEFT JOIN order_lines
  ON order_lines.customer_id = cutoffs.customer_id AND order_lines.ordered_at < cutoffs.as_of
GROUP BY cutoffs.cutoff_row
