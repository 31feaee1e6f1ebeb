-- The account of each area wider than a municipality: sums, but for moves, of which those inside the area are left out.
WITH moved AS (
    SELECT
        m.time_period,
        d.area,
        'internal_in' AS component,
        sum(m.obs_value) AS obs_value
    FROM internal_migration_od AS m
    INNER JOIN wider_areas AS d ON d.code = m.destination
    LEFT JOIN wider_areas AS o ON o.code = m.origin AND o.area = d.area
    WHERE m.indicator = 'moves' AND o.code IS NULL
    GROUP BY m.time_period, d.area
    UNION ALL
    SELECT
        m.time_period,
        o.area,
        'internal_out',
        sum(m.obs_value)
    FROM internal_migration_od AS m
    INNER JOIN wider_areas AS o ON o.code = m.origin
    LEFT JOIN wider_areas AS d ON d.code = m.destination AND d.area = o.area
    WHERE m.indicator = 'moves' AND d.code IS NULL
    GROUP BY m.time_period, o.area
),

summed AS (
    SELECT
        b.time_period,
        w.area,
        w.level,
        b.component,
        sum(b.obs_value) AS obs_value,
        b.unit_measure,
        b.obs_status
    FROM population_balance AS b
    INNER JOIN wider_areas AS w ON w.code = b.area AND w.area <> w.code
    GROUP BY b.time_period, w.area, w.level, b.component, b.unit_measure, b.obs_status
)

SELECT
    s.time_period,
    s.area,
    s.level,
    s.component,
    CAST(
        CASE WHEN s.component IN ('internal_in', 'internal_out') THEN coalesce(m.obs_value, 0) ELSE s.obs_value END
        AS BIGINT
    ) AS obs_value,
    s.unit_measure,
    s.obs_status
FROM summed AS s
LEFT JOIN moved AS m ON m.time_period = s.time_period AND m.area = s.area AND m.component = s.component
