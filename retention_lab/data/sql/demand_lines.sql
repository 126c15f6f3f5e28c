-- What was sold of each series at one minute. What a series is, and what is added up, is put in by name.
-- Returns are negative lines at their own time. Sums are of decimals, so the order of rows does not show in the last digit.
SELECT
  coalesce(CAST(sold.series AS VARCHAR), 'unknown') AS series,
  date_trunc('minute', sold.ordered_at) AS ordered_at,
  CAST(sum(CAST(sold.amount AS DECIMAL(18, 4))) AS DOUBLE) AS amount,
  CAST(sum(CAST(sold.contribution AS DECIMAL(18, 4))) AS DOUBLE) AS contribution,
  CAST(sum(CAST(sold.quantity AS DECIMAL(18, 4))) AS DOUBLE) AS quantity,
  CAST(count(DISTINCT sold.order_id) FILTER (WHERE sold.amount > 0) AS DOUBLE) AS orders
FROM sold
WHERE sold.ordered_at < $until
GROUP BY 1, 2
ORDER BY 1, 2
