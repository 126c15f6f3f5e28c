-- Orders, each customer's own purchase rhythm, and the stage of life that follows from it.
-- An order is an order_id with at least one positive line, placed at the first of them; returns are none.
--
-- rhythm     the customer's mean gap between orders, from 3 orders on; with fewer, the population's: the mean
--            time from first to second order over everyone who had placed the second before that day.
--            Never under one day. Unknown while nobody has ordered twice.
-- overdue    days since the last order, in rhythms. Someone who buys at random times (a Poisson process)
--            is past 2 in 14 % of the gaps, past 4 in 2 %.
-- lifecycle  prospect  no order yet
--            churned   overdue > 4
--            at_risk   overdue > 2
--            new       one order
--            returned  the last order ended a gap of over 4 of the rhythms kept before that gap
--            active    everyone else
WITH orders AS (
  SELECT transactions.customer_id, transactions.order_id, min(transactions.ordered_at) AS ordered_at
  FROM transactions
  WHERE transactions.amount > 0 AND transactions.customer_id IS NOT NULL
  GROUP BY transactions.customer_id, transactions.order_id
),

-- later orders never change the number or the gap of an earlier one, so this holds for every cut-off
numbered AS (
  SELECT
    orders.customer_id,
    orders.ordered_at,
    row_number() OVER (PARTITION BY orders.customer_id ORDER BY orders.ordered_at, orders.order_id) AS number,
    lag(orders.ordered_at)
      OVER (PARTITION BY orders.customer_id ORDER BY orders.ordered_at, orders.order_id) AS previous_at
  FROM orders
),

-- whole minutes: sums of integers do not depend on the order of rows, and their squares do not overflow
chain AS (
  SELECT
    numbered.customer_id,
    numbered.ordered_at,
    numbered.number,
    numbered.previous_at,
    CAST(floor(date_diff('microsecond', numbered.previous_at, numbered.ordered_at) / 60e6) AS BIGINT) AS gap_minutes
  FROM numbered
),

second_orders AS (
  SELECT
    date_trunc('day', chain.ordered_at) AS day,
    count(*) AS customers,
    sum(chain.gap_minutes) AS gap_minutes
  FROM chain
  WHERE chain.number = 2
  GROUP BY date_trunc('day', chain.ordered_at)
),

cutoff_days AS (
  SELECT DISTINCT date_trunc('day', cutoffs.as_of) AS day
  FROM cutoffs
),

population AS (
  SELECT
    cutoff_days.day,
    greatest(
      CAST(sum(second_orders.gap_minutes) AS DOUBLE) / CAST(sum(second_orders.customers) AS DOUBLE) / 1440.0, 1.0
    ) AS rhythm_days
  FROM cutoff_days
  JOIN second_orders ON second_orders.day < cutoff_days.day
  GROUP BY cutoff_days.day
),

history AS (
  SELECT
    cutoffs.cutoff_row,
    cutoffs.as_of,
    count(chain.number) AS orders,
    count(*) FILTER (WHERE chain.ordered_at >= cutoffs.as_of - INTERVAL 30 DAY) AS orders_30,
    count(*) FILTER (WHERE chain.ordered_at >= cutoffs.as_of - INTERVAL 90 DAY) AS orders_90,
    count(*) FILTER (WHERE chain.ordered_at >= cutoffs.as_of - INTERVAL 180 DAY) AS orders_180,
    count(*) FILTER (WHERE chain.ordered_at >= cutoffs.as_of - INTERVAL 365 DAY) AS orders_365,
    min(chain.ordered_at) AS first_at,
    max(chain.ordered_at) AS last_at,
    arg_max(chain.previous_at, chain.number) AS previous_at,
    CAST(sum(chain.gap_minutes) AS DOUBLE) AS minutes,
    CAST(sum(chain.gap_minutes * chain.gap_minutes) AS DOUBLE) AS square_minutes
  FROM cutoffs
  LEFT JOIN chain ON chain.customer_id = cutoffs.customer_id AND chain.ordered_at < cutoffs.as_of
  GROUP BY cutoffs.cutoff_row, cutoffs.as_of
),

paced AS (
  SELECT
    history.*,
    date_diff('microsecond', history.last_at, history.as_of) / 86400e6 AS recency_days,
    date_diff('microsecond', history.previous_at, history.last_at) / 86400e6 AS last_gap_days,
    date_diff('microsecond', history.first_at, history.last_at) / 86400e6
      / nullif(history.orders - 1, 0) AS mean_gap_days,
    CASE
      WHEN history.orders >= 3
        THEN greatest(
          date_diff('microsecond', history.first_at, history.last_at) / 86400e6 / (history.orders - 1), 1.0
        )
      ELSE population.rhythm_days
    END AS rhythm_days,
    CASE
      WHEN history.orders >= 4
        THEN greatest(
          date_diff('microsecond', history.first_at, history.previous_at) / 86400e6 / (history.orders - 2), 1.0
        )
      ELSE population.rhythm_days
    END AS earlier_rhythm_days
  FROM history
  LEFT JOIN population ON population.day = date_trunc('day', history.as_of)
)

SELECT
  paced.cutoff_row,
  paced.recency_days,
  paced.orders,
  paced.orders_30,
  paced.orders_90,
  paced.orders_180,
  paced.orders_365,
  CAST(2 * paced.orders_90 - paced.orders_180 AS DOUBLE) / nullif(paced.orders_180, 0) AS order_trend,
  paced.mean_gap_days,
  CASE
    WHEN paced.orders >= 3
      THEN sqrt(
        greatest(paced.square_minutes - paced.minutes * paced.minutes / (paced.orders - 1), 0.0) / (paced.orders - 2)
      ) / nullif(paced.minutes / (paced.orders - 1), 0.0)
  END AS gap_cv,
  paced.recency_days / paced.rhythm_days AS overdue,
  CASE
    WHEN paced.orders = 0 THEN 'prospect'
    WHEN paced.rhythm_days IS NULL THEN NULL
    WHEN paced.recency_days / paced.rhythm_days > 4 THEN 'churned'
    WHEN paced.recency_days / paced.rhythm_days > 2 THEN 'at_risk'
    WHEN paced.orders = 1 THEN 'new'
    WHEN paced.last_gap_days > 4 * paced.earlier_rhythm_days THEN 'returned'
    ELSE 'active'
  END AS lifecycle
FROM paced
