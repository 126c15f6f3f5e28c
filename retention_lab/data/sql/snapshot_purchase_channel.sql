-- Through how many channels a customer bought, and the one with most money (ties: by name).
WITH spend AS (
  SELECT
    cutoffs.cutoff_row,
    transactions.channel,
    sum(CAST(transactions.amount AS DECIMAL(18, 4))) AS amount
  FROM cutoffs
  JOIN transactions
    ON transactions.customer_id = cutoffs.customer_id AND transactions.ordered_at < cutoffs.as_of
  WHERE transactions.amount > 0 AND transactions.channel IS NOT NULL
  GROUP BY cutoffs.cutoff_row, transactions.channel
),

ranked AS (
  SELECT
    spend.cutoff_row,
    spend.channel,
    row_number() OVER (PARTITION BY spend.cutoff_row ORDER BY spend.amount DESC, spend.channel) AS place,
    count(*) OVER (PARTITION BY spend.cutoff_row) AS channels
  FROM spend
)

SELECT
  cutoffs.cutoff_row,
  coalesce(ranked.channels, 0) AS purchase_channels,
  ranked.channel AS top_purchase_channel
FROM cutoffs
LEFT JOIN ranked ON ranked.cutoff_row = cutoffs.cutoff_row AND ranked.place = 1
