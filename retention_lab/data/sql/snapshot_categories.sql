-- Over how many categories a customer's purchases spread, and the one with most money (ties: by name).
WITH spend AS (
  SELECT
    cutoffs.cutoff_row,
    products.category,
    sum(CAST(transactions.amount AS DECIMAL(18, 4))) AS amount,
    CASE WHEN max(transactions.ordered_at) >= max(cutoffs.as_of) - INTERVAL 365 DAY THEN 1 ELSE 0 END AS recent
  FROM cutoffs
  JOIN transactions
    ON transactions.customer_id = cutoffs.customer_id AND transactions.ordered_at < cutoffs.as_of
  JOIN products ON products.product_id = transactions.product_id
  WHERE transactions.amount > 0 AND products.category IS NOT NULL
  GROUP BY cutoffs.cutoff_row, products.category
),

ranked AS (
  SELECT
    spend.cutoff_row,
    spend.category,
    row_number() OVER (PARTITION BY spend.cutoff_row ORDER BY spend.amount DESC, spend.category) AS place,
    count(*) OVER (PARTITION BY spend.cutoff_row) AS categories,
    CAST(sum(spend.recent) OVER (PARTITION BY spend.cutoff_row) AS BIGINT) AS categories_365,
    CAST(spend.amount AS DOUBLE) / CAST(sum(spend.amount) OVER (PARTITION BY spend.cutoff_row) AS DOUBLE) AS share
  FROM spend
)

SELECT
  cutoffs.cutoff_row,
  coalesce(ranked.categories, 0) AS categories,
  ranked.category AS top_category,
  coalesce(ranked.categories_365, 0) AS categories_365,
  ranked.share AS top_category_share
FROM cutoffs
LEFT JOIN ranked ON ranked.cutoff_row = cutoffs.cutoff_row AND ranked.place = 1
