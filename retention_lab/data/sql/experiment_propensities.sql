-- The logged probability of every feasible arm of every unit; units are numbered as experiment_rows sorts them.
-- Propensities without an assignment belong to a launch that never happened, and stay out.
WITH units AS (
  SELECT
    assignments.experiment,
    assignments.customer_id,
    row_number() OVER (ORDER BY assignments.experiment, assignments.customer_id) - 1 AS unit
  FROM assignments
  JOIN chosen_experiments ON chosen_experiments.experiment = assignments.experiment
)

SELECT units.unit, propensities.arm, CAST(propensities.propensity AS DOUBLE) AS propensity
FROM units
JOIN propensities
  ON propensities.experiment = units.experiment AND propensities.customer_id = units.customer_id
ORDER BY units.unit, propensities.arm
