-- Registered and usually resident persons of every area on 1 January, and who is in one of both populations only.
WITH in_areas AS (
    SELECT
        g.year,
        g.age_group,
        g.sex,
        w.level,
        w.area,
        TRUE AS is_registered,
        coalesce(u.area = w.area, FALSE) AS is_resident,
        g.resident_in <> '_Z' AS is_in_country,
        g.obs_value AS persons
    FROM coverage_counts AS g
    INNER JOIN wider_areas AS w ON w.code = g.registered_in
    LEFT JOIN wider_areas AS u ON u.code = g.resident_in AND u.level = w.level
    UNION ALL
    SELECT
        g.year,
        g.age_group,
        g.sex,
        w.level,
        w.area,
        FALSE,
        TRUE,
        r.area IS NOT NULL,
        g.obs_value
    FROM coverage_counts AS g
    INNER JOIN wider_areas AS w ON w.code = g.resident_in
    LEFT JOIN wider_areas AS r ON r.code = g.registered_in AND r.level = w.level
    WHERE r.area IS DISTINCT FROM w.area
),

measured AS (
    SELECT
        year,
        level,
        area,
        age_group,
        sex,
        sum(CASE WHEN is_registered THEN persons ELSE 0 END) AS registered,
        sum(CASE WHEN is_resident THEN persons ELSE 0 END) AS usually_resident,
        sum(CASE WHEN is_registered AND NOT is_resident AND is_in_country THEN persons ELSE 0 END)
            AS registered_elsewhere,
        sum(CASE WHEN is_registered AND NOT is_in_country THEN persons ELSE 0 END) AS over_covered,
        sum(CASE WHEN NOT is_registered AND NOT is_in_country THEN persons ELSE 0 END) AS under_covered
    FROM in_areas
    GROUP BY year, level, area, age_group, sex
),

indicators AS (
    SELECT unnest(['registered', 'usually_resident', 'registered_elsewhere', 'over_covered', 'under_covered']) AS indicator
),

shown AS (
    SELECT
        m.year AS time_period,
        m.level,
        m.area,
        m.age_group,
        m.sex,
        i.indicator,
        CAST(CASE i.indicator
            WHEN 'registered' THEN m.registered
            WHEN 'usually_resident' THEN m.usually_resident
            WHEN 'registered_elsewhere' THEN m.registered_elsewhere
            WHEN 'over_covered' THEN m.over_covered
            ELSE m.under_covered
        END AS BIGINT) AS obs_value
    FROM measured AS m
    CROSS JOIN indicators AS i
)

SELECT *
FROM shown
WHERE obs_value <> 0
