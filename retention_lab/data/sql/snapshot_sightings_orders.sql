-- Each customer's first order and place, where the order lines were read already.
SELECT first_orders.customer_id, first_orders.seen_at, first_orders.place
FROM first_orders
