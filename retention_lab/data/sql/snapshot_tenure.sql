-- How long each customer has been known: since registration or first order, whichever came first.
SELECT
  cutoffs.cutoff_row,
  date_diff('microsecond', min(sightings.seen_at), cutoffs.as_of) / 86400e6 AS tenure_days
FROM cutoffs
LEFT JOIN sightings ON sightings.customer_id = cutoffs.customer_id AND sightings.seen_at < cutoffs.as_of
GROUP BY cutoffs.cutoff_row, cutoffs.as_of
