-- residence_duration: the durations in each municipality sum to its population
SELECT
    time_period,
    area
FROM (
    SELECT
        time_period,
        area,
        obs_value
    FROM residence_duration
    UNION ALL
    SELECT
        time_period,
        area,
        -obs_value
    FROM population
) AS compared
WHERE area IN (SELECT area FROM population)
GROUP BY time_period, area
HAVING sum(obs_value) <> 0
