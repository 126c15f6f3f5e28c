-- Google Analytics 4, BigQuery export: one row an item of a purchase, and of a refund with the sign turned.
-- Item revenue is after item discounts, without tax and shipping; `discount` is what GA4 was told per unit.
WITH item AS (
    SELECT
        ecommerce ->> '$.transaction_id' AS order_id,
        coalesce(user_id, user_pseudo_id) AS customer_id,
        make_timestamptz(event_timestamp) AS ordered_at,
        CASE WHEN event_name = 'refund' THEN -1 ELSE 1 END AS sign,
        unnest(CAST(items AS JSON[])) AS item,
        traffic_source ->> '$.medium' AS channel
    FROM ga4
    WHERE event_name IN ('purchase', 'refund')
),

line AS (
    SELECT
        *,
        item ->> '$.item_id' AS product_id,
        item ->> '$.coupon' AS offer_id,
        coalesce(TRY_CAST(item ->> '$.quantity' AS DOUBLE), 1) AS units,
        TRY_CAST(item ->> '$.price' AS DOUBLE) AS price,
        TRY_CAST(item ->> '$.item_revenue' AS DOUBLE) AS revenue,
        TRY_CAST(item ->> '$.item_refund' AS DOUBLE) AS refund,
        TRY_CAST(item ->> '$.discount' AS DOUBLE) AS unit_discount
    FROM item
)

SELECT
    order_id,
    customer_id,
    ordered_at,
    sign * abs(coalesce(CASE WHEN sign < 0 THEN refund END, revenue, price * units)) AS amount,
    sign * coalesce(unit_discount, 0) * units AS discount,
    product_id,
    sign * units AS quantity,
    CASE WHEN offer_id NOT IN ('', '(not set)') THEN offer_id END AS offer_id,
    channel
FROM line
