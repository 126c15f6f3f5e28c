-- When each customer first ordered; a return alone makes nobody known.
SELECT transactions.customer_id, min(transactions.ordered_at) AS seen_at, CAST(NULL AS BIGINT) AS place
FROM transactions
WHERE transactions.amount > 0 AND transactions.customer_id IS NOT NULL
GROUP BY transactions.customer_id
