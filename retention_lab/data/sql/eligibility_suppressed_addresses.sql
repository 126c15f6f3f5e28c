-- Addresses that must not be written to, whoever they belong to.
SELECT DISTINCT suppressions.email
FROM suppressions
WHERE suppressions.email IS NOT NULL
