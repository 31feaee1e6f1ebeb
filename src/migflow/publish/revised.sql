-- A cell that is missing in one vintage is zero there if it is a count; one that is there without a value is suppressed.
WITH cells AS (
    {cells}
),

filled AS (
    SELECT
        *,
        unit_measure IN ('PS', 'EVT') AS is_count,
        CASE WHEN unit_measure IN ('PS', 'EVT') AND NOT was_there THEN 0 ELSE value_before END AS old_value,
        CASE WHEN unit_measure IN ('PS', 'EVT') AND NOT is_there THEN 0 ELSE value_after END AS new_value
    FROM cells
),

summed AS (
    SELECT
        table_name,
        time_period,
        area,
        indicator,
        count(*) FILTER (WHERE value_before IS NOT NULL AND value_after IS NOT NULL) AS cells,
        count(*) FILTER (WHERE value_before <> value_after) AS cells_changed,
        count(*) FILTER (WHERE value_before IS NULL AND value_after IS NOT NULL) AS cells_new,
        count(*) FILTER (WHERE value_before IS NOT NULL AND value_after IS NULL) AS cells_gone,
        bool_and(old_value IS NOT NULL AND new_value IS NOT NULL) AND (bool_and(is_count) OR count(*) = 1) AS adds_up,
        -- Sums of decimals do not depend on the order of rows.
        CAST(sum(CAST(old_value AS DECIMAL(28, 9))) AS DOUBLE) AS value_before,
        CAST(sum(CAST(new_value AS DECIMAL(28, 9))) AS DOUBLE) AS value_after,
        CAST(sum(CAST(abs(value_after - value_before) AS DECIMAL(28, 9))) AS DOUBLE) AS absolute_revision,
        max(status_before) AS status_before,
        max(status_after) AS status_after
    FROM filled
    GROUP BY table_name, time_period, area, indicator
)

SELECT
    '{vintage}' AS compared_with,
    table_name,
    time_period,
    area,
    indicator,
    cells,
    cells_changed,
    cells_new,
    cells_gone,
    CASE WHEN adds_up THEN value_before END AS value_before,
    CASE WHEN adds_up THEN value_after END AS value_after,
    CASE WHEN adds_up THEN value_after - value_before END AS revision,
    absolute_revision / nullif(cells, 0) AS mean_absolute_revision,
    status_before,
    status_after
FROM summed
