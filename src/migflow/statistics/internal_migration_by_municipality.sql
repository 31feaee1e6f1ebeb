-- In, out, net and turnover of each municipality, and rates per 1,000 mean population.
WITH account AS (
    SELECT
        time_period,
        area,
        obs_status,
        sum(CASE WHEN component = 'internal_in' THEN obs_value ELSE 0 END) AS moved_in,
        sum(CASE WHEN component = 'internal_out' THEN obs_value ELSE 0 END) AS moved_out,
        sum(CASE WHEN component IN ('population_start', 'population_end') THEN obs_value ELSE 0 END) / 2 AS population
    FROM population_balance
    GROUP BY time_period, area, obs_status
),

moves_of AS (
    SELECT time_period, area, obs_status, population, 'in' AS flow, moved_in AS value FROM account
    UNION ALL
    SELECT time_period, area, obs_status, population, 'out', moved_out FROM account
    UNION ALL
    SELECT time_period, area, obs_status, population, 'net', moved_in - moved_out FROM account
    UNION ALL
    SELECT time_period, area, obs_status, population, 'turnover', moved_in + moved_out FROM account
)

SELECT
    time_period,
    area,
    CASE WHEN flow = 'turnover' THEN flow ELSE flow || '_moves' END AS indicator,
    CAST(value AS DOUBLE) AS obs_value,
    'EVT' AS unit_measure,
    obs_status
FROM moves_of
UNION ALL
SELECT
    time_period,
    area,
    flow || '_rate' AS indicator,
    1000 * CAST(value AS DOUBLE) / population AS obs_value,
    'PER_1000_PS' AS unit_measure,
    obs_status
FROM moves_of
WHERE population > 0
