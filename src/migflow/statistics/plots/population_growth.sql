WITH account AS (
    SELECT
        time_period,
        area,
        max(obs_value) FILTER (component = 'population_start') AS first_day,
        max(obs_value) FILTER (component = 'population_end') AS last_day
    FROM population_balance
    WHERE time_period = newest('population_balance')
    GROUP BY time_period, area
)

SELECT
    time_period AS year,
    named(area) AS municipality,
    last_day - first_day AS persons,
    1000 * (last_day - first_day) / nullif((first_day + last_day) / 2, 0) AS per_1000,
    CAST(first_day IS NULL OR last_day IS NULL AS INTEGER) AS suppressed
FROM account
ORDER BY per_1000 DESC NULLS LAST, municipality
