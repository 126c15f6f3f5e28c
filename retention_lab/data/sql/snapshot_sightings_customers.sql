-- When each customer registered.
SELECT customers.customer_id, customers.signup_at AS seen_at, CAST(NULL AS BIGINT) AS place
FROM customers
WHERE customers.customer_id IS NOT NULL
