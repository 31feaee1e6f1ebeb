-- population_coverage: registered less over-covered plus under-covered is usually resident; registered is the population
SELECT c.time_period
FROM (
    SELECT
        time_period,
        sum(CASE WHEN indicator = 'registered' THEN obs_value ELSE 0 END) AS registered,
        sum(CASE indicator
            WHEN 'registered' THEN obs_value
            WHEN 'under_covered' THEN obs_value
            WHEN 'over_covered' THEN -obs_value
            WHEN 'usually_resident' THEN -obs_value
            ELSE 0
        END) AS difference
    FROM population_coverage
    WHERE level = 'country'
    GROUP BY time_period
) AS c
LEFT JOIN (SELECT time_period, sum(obs_value) AS persons FROM population GROUP BY time_period) AS p
    ON p.time_period = c.time_period
WHERE c.difference <> 0 OR c.registered IS DISTINCT FROM p.persons
