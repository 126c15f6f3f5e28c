-- One customer's orders before a date, the latest first: what was paid and what came back.
SELECT
  transactions.order_id,
  min(transactions.ordered_at) FILTER (WHERE transactions.amount > 0) AS ordered_at,
  count(*) FILTER (WHERE transactions.amount > 0) AS lines,
  CAST(coalesce(sum(transactions.amount) FILTER (WHERE transactions.amount > 0), 0) AS DOUBLE) AS paid,
  CAST(coalesce(-sum(transactions.amount) FILTER (WHERE transactions.amount < 0), 0) AS DOUBLE) AS returned
FROM transactions
WHERE transactions.customer_id = $customer_id AND transactions.ordered_at < $as_of
GROUP BY transactions.order_id
ORDER BY max(transactions.ordered_at) DESC, transactions.order_id DESC
LIMIT 10
