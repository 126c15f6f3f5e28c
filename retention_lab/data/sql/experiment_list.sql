-- Every experiment with its size and when its units were assigned.
SELECT
  assignments.experiment,
  count(*) AS rows,
  count(DISTINCT assignments.customer_id) AS customers,
  min(assignments.assigned_at) AS first_assigned_at,
  max(assignments.assigned_at) AS last_assigned_at
FROM assignments
GROUP BY assignments.experiment
ORDER BY assignments.experiment
