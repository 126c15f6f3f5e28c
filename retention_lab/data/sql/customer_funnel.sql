-- Who viewed, filled a cart and ordered between two instants; one row per customer who did any of it.
WITH looked AS (
  SELECT
    events.customer_id,
    bool_or(events.kind = 'view') AS viewed,
    bool_or(events.kind = 'cart') AS carted
  FROM events
  WHERE events.at >= $since AND events.at < $as_of AND events.kind IN ('view', 'cart')
  GROUP BY events.customer_id
),

bought AS (
  SELECT orders.customer_id
  FROM (
    SELECT transactions.customer_id, transactions.order_id, min(transactions.ordered_at) AS ordered_at
    FROM transactions
    WHERE transactions.amount > 0 AND transactions.customer_id IS NOT NULL AND transactions.ordered_at < $as_of
    GROUP BY transactions.customer_id, transactions.order_id
  ) AS orders
  WHERE orders.ordered_at >= $since
  GROUP BY orders.customer_id
)

SELECT
  coalesce(looked.customer_id, bought.customer_id) AS customer_id,
  coalesce(looked.viewed, FALSE) AS viewed,
  coalesce(looked.carted, FALSE) AS carted,
  bought.customer_id IS NOT NULL AS ordered
FROM looked
FULL JOIN bought ON bought.customer_id = looked.customer_id
ORDER BY 1
