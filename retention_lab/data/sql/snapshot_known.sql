-- Everyone known before the date, and since when: registered, or with a first order, strictly before it.
-- Sorted by id.
SELECT sightings.customer_id, min(sightings.seen_at) AS seen_at
FROM sightings
WHERE sightings.seen_at < $as_of
GROUP BY sightings.customer_id
ORDER BY sightings.customer_id
