-- Registered beside usually resident population on 1 January, person by person.
WITH days AS (
    SELECT
        year,
        from_day AS day,
        'A' AS obs_status
    FROM accounting_years
    UNION ALL
    SELECT
        max(year) + 1,
        max(to_day),
        max_by(obs_status, to_day)
    FROM accounting_years
),

-- A 1 January is provisional while the year that follows it may still show who had left.
dated AS (
    SELECT
        d.year,
        d.day,
        CASE WHEN d.day + INTERVAL 12 MONTH > CAST($as_of AS DATE) THEN 'P' ELSE d.obs_status END AS obs_status
    FROM days AS d
),

registered AS (
    SELECT
        d.year,
        s.person_id,
        s.municipality
    FROM residence_spells AS s
    INNER JOIN dated AS d ON s.from_date < d.day AND (s.to_date IS NULL OR s.to_date >= d.day)
),

resident AS (
    SELECT
        d.year,
        s.person_id,
        s.municipality
    FROM usual_residence AS s
    INNER JOIN dated AS d ON s.from_date < d.day AND (s.to_date IS NULL OR s.to_date >= d.day)
),

beside AS (
    SELECT
        coalesce(r.year, u.year) AS year,
        coalesce(r.person_id, u.person_id) AS person_id,
        r.municipality AS registered_in,
        u.municipality AS resident_in
    FROM registered AS r
    FULL JOIN resident AS u ON u.year = r.year AND u.person_id = r.person_id
),

counted AS (
    SELECT
        b.year,
        b.registered_in,
        b.resident_in,
        p.sex,
        b.year - CAST(extract(YEAR FROM p.birth_date) AS INTEGER)
        - CASE WHEN extract(MONTH FROM p.birth_date) = 1 AND extract(DAY FROM p.birth_date) = 1 THEN 0 ELSE 1 END AS age,
        count(*) AS persons
    FROM beside AS b
    INNER JOIN persons AS p ON p.person_id = b.person_id
    GROUP BY ALL
),

grouped AS (
    SELECT
        year,
        registered_in,
        resident_in,
        sex,
        CASE
            WHEN age < 5 THEN 'Y_LT5'
            WHEN age >= 85 THEN 'Y_GE85'
            ELSE 'Y' || CAST(age - age % 5 AS VARCHAR) || 'T' || CAST(age - age % 5 + 4 AS VARCHAR)
        END AS age_group,
        sum(persons) AS persons
    FROM counted
    GROUP BY ALL
),

in_areas AS (
    SELECT
        g.year,
        g.age_group,
        g.sex,
        w.level,
        w.area,
        TRUE AS is_registered,
        coalesce(u.area = w.area, FALSE) AS is_resident,
        g.resident_in IS NOT NULL AS is_in_country,
        g.persons
    FROM grouped AS g
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
        g.persons
    FROM grouped AS g
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
    SELECT unnest([
        'registered', 'usually_resident', 'registered_elsewhere', 'over_covered', 'under_covered', 'over_coverage_rate'
    ]) AS indicator
),

shown AS (
    SELECT
        m.year,
        m.level,
        m.area,
        m.age_group,
        m.sex,
        i.indicator,
        CASE i.indicator
            WHEN 'registered' THEN CAST(m.registered AS DOUBLE)
            WHEN 'usually_resident' THEN CAST(m.usually_resident AS DOUBLE)
            WHEN 'registered_elsewhere' THEN CAST(m.registered_elsewhere AS DOUBLE)
            WHEN 'over_covered' THEN CAST(m.over_covered AS DOUBLE)
            WHEN 'under_covered' THEN CAST(m.under_covered AS DOUBLE)
            ELSE 100 * CAST(m.over_covered AS DOUBLE) / nullif(CAST(m.registered AS DOUBLE), 0)
        END AS obs_value
    FROM measured AS m
    CROSS JOIN indicators AS i
)

SELECT
    s.year AS time_period,
    s.level,
    s.area,
    s.age_group,
    s.sex,
    s.indicator,
    s.obs_value,
    CASE WHEN s.indicator = 'over_coverage_rate' THEN 'PC' ELSE 'PS' END AS unit_measure,
    d.obs_status
FROM shown AS s
INNER JOIN dated AS d ON d.year = s.year
WHERE s.obs_value > 0 OR (s.indicator = 'over_coverage_rate' AND s.obs_value IS NOT NULL)
