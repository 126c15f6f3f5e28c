-- Everyone whose last assignment is too recent, to an offer, to none or to the holdout alike: asking for the
-- arm here would make eligibility depend on it, and the next campaign would compare unlike groups.
SELECT DISTINCT assignments.customer_id
FROM assignments
WHERE assignments.assigned_at <= $as_of
  AND date_diff('microsecond', assignments.assigned_at, $as_of) < $days * 86400e6
