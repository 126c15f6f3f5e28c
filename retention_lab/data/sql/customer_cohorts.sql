-- Customers by the month of their first order, and what they did in each month after it, strictly before a date.
-- `months` has one row per month of the project's zone: its number (12 x year + month - 1), first instant and end.
-- An order is an order_id with at least one positive line, placed at the first of them. Revenue is of all lines,
-- returns included, in the month in which each line is dated; lines before a customer's first order are left out.
WITH orders AS (
  SELECT transactions.customer_id, transactions.order_id, min(transactions.ordered_at) AS ordered_at
  FROM transactions
  WHERE transactions.amount > 0 AND transactions.customer_id IS NOT NULL AND transactions.ordered_at < $as_of
  GROUP BY transactions.customer_id, transactions.order_id
),

monthly_orders AS (
  SELECT orders.customer_id, months.month, count(*) AS orders
  FROM orders
  JOIN months ON orders.ordered_at >= months.starts_at AND orders.ordered_at < months.ends_at
  GROUP BY orders.customer_id, months.month
),

monthly_revenue AS (
  SELECT transactions.customer_id, months.month, sum(transactions.amount) AS revenue
  FROM transactions
  JOIN months ON transactions.ordered_at >= months.starts_at AND transactions.ordered_at < months.ends_at
  WHERE transactions.customer_id IS NOT NULL AND transactions.ordered_at < $as_of
  GROUP BY transactions.customer_id, months.month
),

firsts AS (
  SELECT monthly_orders.customer_id, min(monthly_orders.month) AS cohort
  FROM monthly_orders
  GROUP BY monthly_orders.customer_id
)

SELECT
  firsts.cohort,
  monthly_revenue.month,
  count(monthly_orders.orders) AS customers,
  coalesce(sum(monthly_orders.orders), 0) AS orders,
  CAST(sum(monthly_revenue.revenue) AS DOUBLE) AS revenue
FROM monthly_revenue
JOIN firsts ON firsts.customer_id = monthly_revenue.customer_id
LEFT JOIN monthly_orders
  ON monthly_orders.customer_id = monthly_revenue.customer_id AND monthly_orders.month = monthly_revenue.month
WHERE monthly_revenue.month >= firsts.cohort
GROUP BY firsts.cohort, monthly_revenue.month
ORDER BY firsts.cohort, monthly_revenue.month
