-- What must hold of every assignment that was logged: one row of counts.
SELECT
    count(*) AS total,
    count(*) FILTER (propensity <= 0 OR propensity > 1) AS impossible,
    count(*) FILTER (propensity IS NULL) AS unknown,
    count(*) FILTER (role NOT IN ('policy', 'exploration', 'holdout')) AS other_role,
    count(*) FILTER (role = 'holdout' AND arm <> 'none') AS holdout_contacted,
    count(*) - count(DISTINCT (experiment, customer_id)) AS again
FROM assignments
