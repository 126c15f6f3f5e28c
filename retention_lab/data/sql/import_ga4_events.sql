-- Google Analytics 4, BigQuery export: one row an event, or an item of an event that has items.
-- `ga4` holds the export's columns; nested ones are JSON.
WITH event AS (
    SELECT
        coalesce(user_id, user_pseudo_id) AS customer_id,
        make_timestamptz(event_timestamp) AS "at",
        event_name AS kind,
        coalesce(
            traffic_source ->> '$.medium',
            collected_traffic_source ->> '$.manual_medium'
        ) AS channel,
        -- ga_session_id counts within one browser, so the browser's id belongs to the session's
        user_pseudo_id || '.' || (
            list_filter(CAST(event_params AS JSON[]), lambda p: (p ->> '$.key') = 'ga_session_id')[1]
            ->> '$.value.int_value'
        ) AS session_id,
        CASE WHEN len(CAST(items AS JSON[])) > 0 THEN CAST(items AS JSON[]) ELSE [NULL] END AS item_list
    FROM ga4
)

SELECT
    customer_id,
    "at",
    kind,
    item ->> '$.item_id' AS product_id,
    channel,
    session_id
FROM (SELECT * EXCLUDE (item_list), unnest(item_list) AS item FROM event)
