-- Who viewed, filled a cart and ordered between two instants, and in which channel: a customer has a row for each
-- channel used. An order's channel is that of its first positive line.
WITH looked AS (
  SELECT
    events.customer_id,
    events.channel,
    bool_or(events.kind = 'view') AS viewed,
    bool_or(events.kind = 'cart') AS carted
  FROM events
  WHERE events.at >= $since AND events.at < $as_of AND events.kind IN ('view', 'cart')
    AND events.channel IS NOT NULL
  GROUP BY events.customer_id, events.channel
),

bought AS (
  SELECT orders.customer_id, orders.channel
  FROM (
    SELECT
      transactions.customer_id,
      transactions.order_id,
      min(transactions.ordered_at) AS ordered_at,
      arg_min(transactions.channel, transactions.ordered_at) AS channel
    FROM transactions
    WHERE transactions.amount > 0 AND transactions.customer_id IS NOT NULL AND transactions.ordered_at < $as_of
    GROUP BY transactions.customer_id, transactions.order_id
  ) AS orders
  WHERE orders.ordered_at >= $since AND orders.channel IS NOT NULL
  GROUP BY orders.customer_id, orders.channel
)

SELECT
  coalesce(looked.customer_id, bought.customer_id) AS customer_id,
  coalesce(looked.channel, bought.channel) AS channel,
  coalesce(looked.viewed, FALSE) AS viewed,
  coalesce(looked.carted, FALSE) AS carted,
  bought.customer_id IS NOT NULL AS ordered
FROM looked
FULL JOIN bought ON bought.customer_id = looked.customer_id AND bought.channel = looked.channel
ORDER BY 1, 2
