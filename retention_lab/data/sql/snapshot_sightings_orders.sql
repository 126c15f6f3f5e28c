-- Each customer's first order, where the orders were read already.
SELECT first_orders.customer_id, first_orders.seen_at
FROM first_orders
