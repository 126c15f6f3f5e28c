-- Order lines that contradict themselves or each other: one row of counts.
WITH sold AS (
    SELECT DISTINCT order_id FROM transactions WHERE amount > 0
),

days AS (
    SELECT day, date_diff('day', lag(day) OVER (ORDER BY day), day) - 1 AS gap
    FROM (SELECT DISTINCT CAST(ordered_at AS DATE) AS day FROM transactions WHERE ordered_at IS NOT NULL)
)

SELECT
    count(*) AS total,
    count(*) FILTER (amount < 0) AS returned,
    count(*) FILTER (amount < 0 AND order_id NOT IN (SELECT order_id FROM sold WHERE order_id IS NOT NULL))
        AS returned_without_order,
    date_diff('day', min(ordered_at), max(ordered_at)) AS days_covered,
    (SELECT max(gap) FROM days) AS longest_gap,
    max(abs(CAST(amount AS DOUBLE))) AS largest_amount,
    median(CAST(amount AS DOUBLE)) FILTER (amount > 0) AS median_amount
FROM transactions
