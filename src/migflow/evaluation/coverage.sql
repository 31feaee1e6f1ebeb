-- Registered and usually resident population beside the truth by year, in the country and in its municipalities.
WITH published AS (
    SELECT
        time_period AS year,
        level,
        area,
        sum(CASE WHEN indicator = 'registered' THEN obs_value ELSE 0 END) AS registered,
        sum(CASE WHEN indicator = 'usually_resident' THEN obs_value ELSE 0 END) AS resident
    FROM main.population_coverage
    GROUP BY ALL
),

true_residents AS (
    SELECT
        time_period AS year,
        level,
        area,
        sum(obs_value) AS truth
    FROM truth.population_coverage
    WHERE indicator = 'usually_resident'
    GROUP BY ALL
),

compared AS (
    SELECT
        year,
        level,
        coalesce(p.registered, 0) AS registered,
        coalesce(p.resident, 0) AS resident,
        t.truth,
        abs(coalesce(p.registered, 0) / t.truth - 1) AS registered_error,
        abs(coalesce(p.resident, 0) / t.truth - 1) AS resident_error
    FROM true_residents AS t
    LEFT JOIN published AS p USING (year, level, area)
),

country AS (
    SELECT * FROM compared WHERE level = 'country'
)

SELECT
    c.year,
    CAST(c.truth AS BIGINT) AS true_residents,
    CAST(c.registered AS BIGINT) AS registered,
    CAST(c.resident AS BIGINT) AS usually_resident,
    c.registered / c.truth - 1 AS registered_error,
    c.resident / c.truth - 1 AS resident_error,
    max(m.registered_error) AS worst_registered,
    max(m.resident_error) AS worst_resident,
    count(*) AS municipalities,
    count(*) FILTER (WHERE m.resident_error <= 0.01) AS within_1_percent
FROM country AS c
INNER JOIN compared AS m ON m.year = c.year AND m.level = 'municipality'
GROUP BY ALL
ORDER BY c.year
