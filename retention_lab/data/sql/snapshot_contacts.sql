-- Earlier campaigns: contacts are assignments to a real offer; assignments to none and the holdout are not.
SELECT
  cutoffs.cutoff_row,
  count(*) FILTER (WHERE assignments.assigned_at >= cutoffs.as_of - INTERVAL 365 DAY) AS assignments_365,
  count(*) FILTER (
    WHERE assignments.arm <> 'none' AND assignments.assigned_at >= cutoffs.as_of - INTERVAL 365 DAY
  ) AS contacts_365,
  date_diff('microsecond', max(assignments.assigned_at) FILTER (WHERE assignments.arm <> 'none'), cutoffs.as_of)
    / 86400e6 AS last_contact_days,
  count(*) FILTER (WHERE assignments.arm <> 'none') AS contacts,
  count(*) FILTER (
    WHERE assignments.arm <> 'none' AND assignments.assigned_at >= cutoffs.as_of - INTERVAL 30 DAY
  ) AS contacts_30,
  count(*) FILTER (
    WHERE assignments.arm <> 'none' AND assignments.assigned_at >= cutoffs.as_of - INTERVAL 90 DAY
  ) AS contacts_90
FROM cutoffs
LEFT JOIN assignments
  ON assignments.customer_id = cutoffs.customer_id AND assignments.assigned_at < cutoffs.as_of
GROUP BY cutoffs.cutoff_row, cutoffs.as_of
