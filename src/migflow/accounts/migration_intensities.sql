-- Moves and movers across the borders of a level, and their rates.
-- Moves are related to the mean of two 1 Januaries, movers to those resident on both.
WITH summed AS (
    SELECT
        time_period,
        level,
        group_kind,
        group_code,
        sex,
        sum(CASE WHEN indicator = 'moves' THEN obs_value ELSE 0 END) AS moves,
        sum(CASE WHEN indicator = 'movers' THEN obs_value ELSE 0 END) AS movers,
        sum(CASE WHEN indicator IN ('population_start', 'population_end') THEN obs_value ELSE 0 END) AS twice_population,
        sum(CASE WHEN indicator = 'resident_on_both' THEN obs_value ELSE 0 END) AS resident_on_both
    FROM migration_exposure
    GROUP BY time_period, level, group_kind, group_code, sex
),

counts AS (
    SELECT
        time_period,
        level,
        group_kind,
        group_code,
        sex,
        'moves' AS indicator,
        CAST(moves AS DOUBLE) AS value,
        CAST(twice_population AS DOUBLE) / 2 AS at_risk
    FROM summed
    WHERE moves > 0 OR twice_population > 0
    UNION ALL
    SELECT
        time_period,
        level,
        group_kind,
        group_code,
        sex,
        'movers',
        CAST(movers AS DOUBLE),
        CAST(resident_on_both AS DOUBLE)
    FROM summed
    WHERE resident_on_both > 0
)

SELECT
    time_period,
    level,
    group_kind,
    group_code,
    sex,
    indicator,
    value AS obs_value,
    CASE WHEN indicator = 'moves' THEN 'EVT' ELSE 'PS' END AS unit_measure
FROM counts
UNION ALL
SELECT
    time_period,
    level,
    group_kind,
    group_code,
    sex,
    indicator || '_rate',
    1000 * value / at_risk,
    'PER_1000_PS'
FROM counts
WHERE at_risk > 0
