-- Registered beside usually resident population on 1 January.
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

rates AS (
    SELECT
        time_period,
        level,
        area,
        age_group,
        sex,
        CAST(sum(CASE WHEN indicator = 'over_covered' THEN obs_value ELSE 0 END) AS DOUBLE) AS over_covered,
        CAST(sum(CASE WHEN indicator = 'registered' THEN obs_value ELSE 0 END) AS DOUBLE) AS registered
    FROM coverage_measures
    GROUP BY time_period, level, area, age_group, sex
),

shown AS (
    SELECT
        time_period,
        level,
        area,
        age_group,
        sex,
        indicator,
        CAST(obs_value AS DOUBLE) AS obs_value,
        'PS' AS unit_measure
    FROM coverage_measures
    UNION ALL
    SELECT
        time_period,
        level,
        area,
        age_group,
        sex,
        'over_coverage_rate',
        100 * over_covered / registered,
        'PC'
    FROM rates
    WHERE registered > 0
)

SELECT
    s.time_period,
    s.level,
    s.area,
    s.age_group,
    s.sex,
    s.indicator,
    s.obs_value,
    s.unit_measure,
    d.obs_status
FROM shown AS s
INNER JOIN dated AS d ON d.year = s.time_period
