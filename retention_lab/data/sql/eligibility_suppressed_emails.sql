-- Customers who must not be contacted, by address; spaces around it and upper case do not hide one.
SELECT DISTINCT customers.customer_id
FROM suppressions
JOIN customers ON lower(trim(customers.email)) = lower(trim(suppressions.email))
WHERE suppressions.email IS NOT NULL
