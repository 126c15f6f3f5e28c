-- Logged probabilities: they sum to one for every customer, and agree with the arm that was drawn.
WITH per_unit AS (
    SELECT experiment, customer_id, sum(propensity) AS total
    FROM propensities
    GROUP BY experiment, customer_id
),

drawn AS (
    SELECT assignments.propensity AS logged, propensities.propensity AS feasible
    FROM assignments
    LEFT JOIN propensities USING (experiment, customer_id, arm)
    WHERE assignments.experiment IN (SELECT DISTINCT experiment FROM propensities)
)

SELECT
    (SELECT count(*) FROM per_unit) AS units,
    (SELECT count(*) FROM per_unit WHERE abs(total - 1) > 1e-6) AS not_one,
    (SELECT count(*) FROM drawn) AS drawn,
    (SELECT count(*) FROM drawn WHERE feasible IS NULL OR abs(feasible - logged) > 1e-9) AS disagreeing
