-- Shopify, orders export: one row an order line. The order's own cells stand on its first line only.
-- An order's discount is spread over its lines by their price; a refund, known per order and without its
-- date, is a negative line at the order's own time.
WITH numbered AS (
    SELECT *, row_number() OVER () AS line FROM shopify
),

line AS (
    SELECT
        "Name" AS order_id,
        line,
        lower(trim(first("Email" ORDER BY line) OVER whole)) AS customer_id,
        first("Created at" ORDER BY line) OVER whole AS ordered_at,
        lower(first("Financial Status" ORDER BY line) OVER whole) AS status,
        first(CAST("Subtotal" AS DOUBLE) ORDER BY line) OVER whole AS subtotal,
        coalesce(first(CAST("Refunded Amount" AS DOUBLE) ORDER BY line) OVER whole, 0) AS refunded,
        first("Discount Code" ORDER BY line) OVER whole AS offer_id,
        coalesce(nullif(CAST("Lineitem sku" AS VARCHAR), ''), "Lineitem name") AS product_id,
        CAST("Lineitem quantity" AS DOUBLE) AS quantity,
        CAST("Lineitem price" AS DOUBLE) * CAST("Lineitem quantity" AS DOUBLE) AS gross,
        sum(CAST("Lineitem price" AS DOUBLE) * CAST("Lineitem quantity" AS DOUBLE)) OVER whole AS order_gross,
        row_number() OVER (PARTITION BY "Name" ORDER BY line) AS position
    FROM numbered
    WINDOW whole AS (PARTITION BY "Name")
),

sale AS (
    SELECT
        order_id, customer_id, ordered_at, status, line, 0 AS part,
        CASE WHEN order_gross > 0 THEN subtotal * gross / order_gross ELSE gross END AS amount,
        CASE WHEN order_gross > 0 THEN gross - subtotal * gross / order_gross ELSE 0 END AS discount,
        product_id, quantity, offer_id
    FROM line
),

refund AS (
    SELECT
        order_id, customer_id, ordered_at, status, line, 1 AS part,
        -least(refunded, subtotal) AS amount,
        0 AS discount,
        NULL AS product_id, NULL AS quantity, NULL AS offer_id
    FROM line
    WHERE position = 1 AND refunded > 0 AND subtotal > 0
)

SELECT
    order_id, customer_id, ordered_at, amount, discount, product_id, quantity, offer_id,
    'web' AS channel,
    CASE WHEN status IN ('voided', 'pending', 'expired') THEN 'order was never paid' END AS refused_because
FROM (SELECT * FROM sale UNION ALL SELECT * FROM refund)
ORDER BY line, part
