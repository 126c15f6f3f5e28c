-- What an arm costs, beyond what `amount` lacks already. Nothing is sent to `none`, whatever a table says.
SELECT
  offers.offer_id AS arm,
  CAST(offers.cost_per_contact AS DECIMAL(18, 4)) AS per_contact,
  CAST(offers.cost_per_redemption AS DECIMAL(18, 4)) AS per_redemption
FROM offers
WHERE offers.offer_id <> 'none'
