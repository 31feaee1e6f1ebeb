-- The account of each municipality and quarter. Stocks and each flow are counted by themselves, none as a residual.
WITH bounds AS (
    SELECT from_day AS day FROM accounting_quarters
    UNION
    SELECT to_day FROM accounting_quarters
),

-- Spells that have begun, less those that have ended, by the first bound that finds them so.
changes AS (
    SELECT
        municipality AS area,
        date_trunc('quarter', from_date) + INTERVAL 3 MONTH AS day,
        count(*) AS persons
    FROM residence_spells
    GROUP BY ALL
    UNION ALL
    SELECT
        municipality,
        date_trunc('quarter', to_date) + INTERVAL 3 MONTH,
        -count(*)
    FROM residence_spells
    WHERE to_date IS NOT NULL
    GROUP BY ALL
),

stocks AS (
    SELECT
        c.area,
        b.day,
        sum(CASE WHEN c.day <= b.day THEN c.persons ELSE 0 END) AS persons
    FROM changes AS c
    CROSS JOIN bounds AS b
    GROUP BY c.area, b.day
),

crossings AS (
    SELECT
        origin AS area,
        move_date AS day,
        CASE WHEN move_type = 'emigration' THEN 'emigration' ELSE 'internal_out' END AS component,
        1 AS sign
    FROM moves
    WHERE move_type IN ('emigration', 'between_municipalities')
    UNION ALL
    SELECT
        destination,
        move_date,
        CASE WHEN move_type = 'immigration' THEN 'immigration' ELSE 'internal_in' END,
        1
    FROM moves
    WHERE move_type IN ('immigration', 'between_municipalities')
    UNION ALL
    SELECT
        municipality,
        event_date,
        CASE WHEN event_type = 'birth' THEN 'births' ELSE 'deaths' END,
        1
    FROM vital_events
    UNION ALL
    SELECT
        municipality,
        from_date,
        'adjustment',
        1
    FROM residence_spells
    WHERE entry_reason = 'adjustment'
    UNION ALL
    SELECT
        municipality,
        to_date,
        'adjustment',
        -1
    FROM residence_spells
    WHERE exit_reason = 'adjustment'
),

flows AS (
    SELECT
        area,
        extract(YEAR FROM day) AS year,
        extract(QUARTER FROM day) AS quarter,
        component,
        sum(sign) AS obs_value
    FROM crossings
    GROUP BY ALL
),

components AS (
    SELECT unnest(['births', 'deaths', 'internal_in', 'internal_out', 'immigration', 'emigration', 'adjustment'])
        AS component
),

observed AS (
    SELECT
        s.area,
        q.from_day,
        c.component,
        coalesce(f.obs_value, 0) AS obs_value
    FROM stocks AS s
    INNER JOIN accounting_quarters AS q ON q.from_day = s.day
    CROSS JOIN components AS c
    LEFT JOIN flows AS f
        ON f.area = s.area AND f.year = q.year AND f.quarter = q.quarter AND f.component = c.component
    UNION ALL
    SELECT
        s.area,
        q.from_day,
        'population_start',
        s.persons
    FROM stocks AS s
    INNER JOIN accounting_quarters AS q ON q.from_day = s.day
    UNION ALL
    SELECT
        s.area,
        q.from_day,
        'population_end',
        s.persons
    FROM stocks AS s
    INNER JOIN accounting_quarters AS q ON q.to_day = s.day
)

SELECT
    CAST(q.year AS VARCHAR) || '-Q' || CAST(q.quarter AS VARCHAR) AS time_period,
    o.area,
    o.component,
    CAST(o.obs_value AS BIGINT) AS obs_value,
    CASE WHEN o.component IN ('population_start', 'population_end', 'adjustment') THEN 'PS' ELSE 'EVT' END
        AS unit_measure,
    q.obs_status
FROM observed AS o
INNER JOIN accounting_quarters AS q ON q.from_day = o.from_day
