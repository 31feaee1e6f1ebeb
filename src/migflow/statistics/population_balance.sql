-- The account of each municipality and year. Stocks and each flow are counted by themselves, none as a residual.
WITH stocks AS (
    SELECT
        s.municipality AS area,
        y.year,
        count(*) FILTER (WHERE s.from_date < y.from_day AND (s.to_date IS NULL OR s.to_date >= y.from_day))
            AS population_start,
        count(*) FILTER (WHERE s.from_date < y.to_day AND (s.to_date IS NULL OR s.to_date >= y.to_day))
            AS population_end,
        count(*) FILTER (
            WHERE s.entry_reason = 'adjustment' AND s.from_date >= y.from_day AND s.from_date < y.to_day
        ) - count(*) FILTER (
            WHERE s.exit_reason = 'adjustment' AND s.to_date >= y.from_day AND s.to_date < y.to_day
        ) AS adjustment
    FROM residence_spells AS s
    CROSS JOIN accounting_years AS y
    GROUP BY s.municipality, y.year
),

crossings AS (
    SELECT
        origin AS area,
        move_date AS day,
        CASE WHEN move_type = 'emigration' THEN 'emigration' ELSE 'internal_out' END AS component
    FROM moves
    WHERE move_type IN ('emigration', 'between_municipalities')
    UNION ALL
    SELECT
        destination,
        move_date,
        CASE WHEN move_type = 'immigration' THEN 'immigration' ELSE 'internal_in' END
    FROM moves
    WHERE move_type IN ('immigration', 'between_municipalities')
    UNION ALL
    SELECT
        municipality,
        event_date,
        CASE WHEN event_type = 'birth' THEN 'births' ELSE 'deaths' END
    FROM vital_events
),

flows AS (
    SELECT
        area,
        extract(YEAR FROM day) AS year,
        component,
        count(*) AS obs_value
    FROM crossings
    GROUP BY ALL
),

components AS (
    SELECT unnest(['births', 'deaths', 'internal_in', 'internal_out', 'immigration', 'emigration']) AS component
),

observed AS (
    SELECT
        s.year,
        s.area,
        c.component,
        coalesce(f.obs_value, 0) AS obs_value,
        'EVT' AS unit_measure
    FROM stocks AS s
    CROSS JOIN components AS c
    LEFT JOIN flows AS f ON f.area = s.area AND f.year = s.year AND f.component = c.component
    UNION ALL
    SELECT year, area, 'population_start', population_start, 'PS' FROM stocks
    UNION ALL
    SELECT year, area, 'population_end', population_end, 'PS' FROM stocks
    UNION ALL
    SELECT year, area, 'adjustment', adjustment, 'PS' FROM stocks
)

SELECT
    y.year AS time_period,
    o.area,
    o.component,
    o.obs_value,
    o.unit_measure,
    y.obs_status
FROM observed AS o
INNER JOIN accounting_years AS y ON y.year = o.year
