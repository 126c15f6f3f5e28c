-- Customers who must not be contacted, by id.
SELECT DISTINCT suppressions.customer_id
FROM suppressions
WHERE suppressions.customer_id IS NOT NULL
