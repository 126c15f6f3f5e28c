-- How many customers were sent an offer at one minute; assignments to none and the holdout are no contacts.
SELECT date_trunc('minute', assignments.assigned_at) AS assigned_at, count(*) AS contacts
FROM assignments
WHERE assignments.arm <> 'none' AND assignments.assigned_at < $until
GROUP BY 1
ORDER BY 1
