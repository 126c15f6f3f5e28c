-- One row per unit of the chosen experiments, with what the customer did in [assigned_at, assigned_at + horizon).
-- Joined on the window of the unit's own assignment, so nobody's later or earlier orders count.
-- A horizon day is 24 hours. Returns count at their own time, and are not orders.
WITH units AS (
  SELECT
    assignments.experiment,
    assignments.customer_id,
    assignments.arm,
    CAST(assignments.propensity AS DOUBLE) AS propensity,
    assignments.assigned_at,
    assignments.role,
    assignments.intended_arm,
    assignments.stratum
  FROM assignments
  JOIN chosen_experiments ON chosen_experiments.experiment = assignments.experiment
),

orders AS (
  SELECT
    units.experiment,
    units.customer_id,
    count(DISTINCT order_lines.order_id) FILTER (WHERE order_lines.amount > 0) AS orders,
    sum(CAST(order_lines.amount AS DECIMAL(18, 4))) AS revenue,
    sum(CAST(order_lines.contribution AS DECIMAL(18, 4))) AS contribution,
    sum(CAST(order_lines.discount AS DECIMAL(18, 4))) AS discount
  FROM units
  JOIN order_lines
    ON order_lines.customer_id = units.customer_id
    AND order_lines.ordered_at >= units.assigned_at
    AND date_diff('microsecond', units.assigned_at, order_lines.ordered_at) < $horizon_days * 86400e6
  GROUP BY units.experiment, units.customer_id
),

-- at most once for each unit, and only of the arm it was assigned
redeemed AS (
  SELECT DISTINCT units.experiment, units.customer_id
  FROM units
  JOIN redeemed_offers
    ON redeemed_offers.customer_id = units.customer_id
    AND redeemed_offers.offer_id = units.arm
    AND redeemed_offers.redeemed_at >= units.assigned_at
    AND date_diff('microsecond', units.assigned_at, redeemed_offers.redeemed_at) < $horizon_days * 86400e6
  WHERE redeemed_offers.experiment IS NULL OR redeemed_offers.experiment = units.experiment
),

outcomes AS (
  SELECT
    units.experiment,
    units.customer_id,
    units.arm,
    units.propensity,
    units.assigned_at,
    units.role,
    units.intended_arm,
    units.stratum,
    coalesce(orders.orders, 0) AS orders,
    coalesce(orders.revenue, 0) AS revenue,
    coalesce(orders.contribution, 0) AS contribution,
    coalesce(orders.discount, 0) AS discount,
    -- $unredeemed is 0, or null where nothing says who redeemed
    CASE WHEN redeemed.customer_id IS NULL THEN CAST($unredeemed AS INT) ELSE 1 END AS redeemed,
    coalesce(arm_costs.per_redemption, 0) AS per_redemption,
    coalesce(arm_costs.per_contact, 0) AS per_contact
  FROM units
  LEFT JOIN orders ON orders.experiment = units.experiment AND orders.customer_id = units.customer_id
  LEFT JOIN redeemed ON redeemed.experiment = units.experiment AND redeemed.customer_id = units.customer_id
  LEFT JOIN arm_costs ON arm_costs.arm = units.arm
),

-- an offer whose redemption costs nothing extra costs nothing, whoever redeemed it
charged AS (
  SELECT
    outcomes.experiment,
    outcomes.customer_id,
    CASE WHEN outcomes.per_redemption = 0 THEN 0 ELSE outcomes.redeemed * outcomes.per_redemption END AS redemption_cost,
    outcomes.per_contact AS contact_cost
  FROM outcomes
)

SELECT
  outcomes.experiment,
  outcomes.customer_id,
  outcomes.arm,
  outcomes.propensity,
  outcomes.assigned_at,
  outcomes.role,
  outcomes.intended_arm,
  outcomes.stratum,
  outcomes.orders,
  CAST(outcomes.orders > 0 AS BIGINT) AS active,
  CAST(outcomes.revenue AS DOUBLE) AS revenue,
  CAST(outcomes.contribution AS DOUBLE) AS contribution,
  CAST(outcomes.discount AS DOUBLE) AS discount,
  CAST(outcomes.redeemed AS BIGINT) AS redeemed,
  CAST(charged.redemption_cost AS DOUBLE) AS redemption_cost,
  CAST(charged.contact_cost AS DOUBLE) AS contact_cost,
  CAST(outcomes.contribution - charged.redemption_cost - charged.contact_cost AS DOUBLE) AS profit
FROM outcomes
JOIN charged ON charged.experiment = outcomes.experiment AND charged.customer_id = outcomes.customer_id
ORDER BY outcomes.experiment, outcomes.customer_id
