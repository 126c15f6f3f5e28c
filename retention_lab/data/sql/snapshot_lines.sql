-- The order lines of the customers asked for: whose, when (microseconds after `zero`), and the money in
-- ten-thousandths. Whole numbers, so that no order of rows shows in a sum.
SELECT
  CAST(ledger_rows.place AS INTEGER) AS place,
  date_diff('microsecond', ledger_rows.zero, order_lines.ordered_at) AS moment,
  CAST(CAST(order_lines.amount AS DECIMAL(18, 4)) * 10000 AS BIGINT) AS amount,
  CAST(CAST(order_lines.discount AS DECIMAL(18, 4)) * 10000 AS BIGINT) AS discount,
  CAST(CAST(order_lines.contribution AS DECIMAL(18, 4)) * 10000 AS BIGINT) AS contribution
FROM order_lines
JOIN ledger_rows
  ON ledger_rows.customer_id = order_lines.customer_id AND order_lines.ordered_at < ledger_rows.until
WHERE order_lines.amount IS NOT NULL
