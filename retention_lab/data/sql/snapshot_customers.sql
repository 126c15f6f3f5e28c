-- The customer's own attributes; the table's further columns are added to this list as they are.
-- A customer who registers at or after the cut-off has none yet, whatever the table says by now.
SELECT
  cutoffs.cutoff_row,
  customers.signup_at AS signup_at,
  extract(year FROM cutoffs.as_of) - CAST(customers.birth_year AS DOUBLE) AS age,
  customers.referred_by IS NOT NULL AS referred
FROM cutoffs
LEFT JOIN customers
  ON customers.customer_id = cutoffs.customer_id
  AND (customers.signup_at IS NULL OR customers.signup_at < cutoffs.as_of)
