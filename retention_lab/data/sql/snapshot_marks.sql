-- Marks of why customers leave: defects, calls to the service desk, prices compared, rivals visited.
SELECT
  cutoffs.cutoff_row,
  count(*) FILTER (WHERE events.kind = 'defect_report' AND events.at >= cutoffs.as_of - INTERVAL 90 DAY) AS defect_reports_90,
  count(*) FILTER (WHERE events.kind = 'service_call' AND events.at >= cutoffs.as_of - INTERVAL 90 DAY) AS service_calls_90,
  count(*) FILTER (WHERE events.kind = 'price_comparison' AND events.at >= cutoffs.as_of - INTERVAL 90 DAY) AS price_comparisons_90,
  count(*) FILTER (WHERE events.kind = 'rival_visit' AND events.at >= cutoffs.as_of - INTERVAL 90 DAY) AS rival_visits_90
FROM cutoffs
LEFT JOIN events ON events.customer_id = cutoffs.customer_id AND events.at < cutoffs.as_of
  AND events.kind IN ('defect_report', 'service_call', 'price_comparison', 'rival_visit')
GROUP BY cutoffs.cutoff_row
