-- equal: the population on a day is the same in every account that begins or ends on it
WITH stocks AS (
    SELECT
        area,
        component,
        cell,
        CAST(left(time_period, 4) AS INTEGER) * 4 + CAST(right(time_period, 1) AS INTEGER) - 1 AS quarter
    FROM population_balance_quarterly
    UNION ALL
    SELECT
        area,
        component,
        cell,
        time_period * 4 + CASE WHEN component = 'population_end' THEN 3 ELSE 0 END
    FROM population_balance
),

dated AS (
    SELECT
        area,
        cell,
        quarter + CASE WHEN component = 'population_end' THEN 1 ELSE 0 END AS day
    FROM stocks
    WHERE component IN ('population_start', 'population_end')
),

paired AS (
    SELECT
        area,
        day,
        cell,
        lag(cell) OVER (PARTITION BY area, day ORDER BY cell) AS other
    FROM dated
)

SELECT (area, day, cell) AS equation, cell, 1 AS coefficient FROM paired WHERE other IS NOT NULL
UNION ALL
SELECT (area, day, cell), other, -1 FROM paired WHERE other IS NOT NULL
