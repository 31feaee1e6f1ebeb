-- The account of each area wider than a municipality: sums, but for moves, of which those inside the area are left out.
WITH terms AS (
    SELECT
        m.time_period,
        d.area,
        d.level,
        'internal_in' AS component,
        m.obs_value,
        m.unit_measure,
        m.obs_status
    FROM internal_migration_od AS m
    INNER JOIN wider_areas AS d ON d.code = m.destination AND d.area <> d.code
    LEFT JOIN wider_areas AS o ON o.code = m.origin AND o.area = d.area
    WHERE m.indicator = 'moves' AND o.code IS NULL
    UNION ALL
    SELECT
        m.time_period,
        o.area,
        o.level,
        'internal_out',
        m.obs_value,
        m.unit_measure,
        m.obs_status
    FROM internal_migration_od AS m
    INNER JOIN wider_areas AS o ON o.code = m.origin AND o.area <> o.code
    LEFT JOIN wider_areas AS d ON d.code = m.destination AND d.area = o.area
    WHERE m.indicator = 'moves' AND d.code IS NULL
    UNION ALL
    -- Of moves only the row, for areas that nobody enters or leaves.
    SELECT
        b.time_period,
        w.area,
        w.level,
        b.component,
        CASE WHEN b.component IN ('internal_in', 'internal_out') THEN 0 ELSE b.obs_value END,
        b.unit_measure,
        b.obs_status
    FROM population_balance AS b
    INNER JOIN wider_areas AS w ON w.code = b.area AND w.area <> w.code
)

SELECT
    time_period,
    area,
    level,
    component,
    CAST(sum(obs_value) AS BIGINT) AS obs_value,
    unit_measure,
    obs_status
FROM terms
GROUP BY time_period, area, level, component, unit_measure, obs_status
