-- What a customer said. Scores are summed as decimals, so the order of rows does not show.
SELECT
  cutoffs.cutoff_row,
  count(feedback.at) AS feedbacks,
  CAST(sum(CAST(feedback.score AS DECIMAL(18, 4))) AS DOUBLE) / nullif(count(feedback.score), 0) AS mean_score
FROM cutoffs
LEFT JOIN feedback ON feedback.customer_id = cutoffs.customer_id AND feedback.at < cutoffs.as_of
GROUP BY cutoffs.cutoff_row
