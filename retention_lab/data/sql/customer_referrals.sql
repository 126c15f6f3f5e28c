-- How many others each customer brought in, of those who registered before the date. Sorted by id.
SELECT customers.referred_by AS customer_id, count(*) AS referrals
FROM customers
WHERE customers.referred_by IS NOT NULL AND customers.signup_at < $as_of
GROUP BY customers.referred_by
ORDER BY customers.referred_by
