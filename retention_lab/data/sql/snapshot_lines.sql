-- The order lines of the customers asked for: whose, when (microseconds after `zero`), and the money.
SELECT
  CAST(ledger_rows.place AS INTEGER) AS place,
  date_diff('microsecond', ledger_rows.zero, order_lines.ordered_at) AS moment,
  CAST(order_lines.amount AS DECIMAL(18, 4)) AS amount,
  CAST(order_lines.discount AS DECIMAL(18, 4)) AS discount,
  CAST(order_lines.contribution AS DECIMAL(18, 4)) AS contribution
FROM order_lines
JOIN ledger_rows
  ON ledger_rows.customer_id = order_lines.customer_id AND order_lines.ordered_at < ledger_rows.until
WHERE order_lines.amount IS NOT NULL
