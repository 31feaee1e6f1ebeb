-- at most: who is registered without living there is registered there
SELECT
    (time_period, area, age_group, sex) AS equation,
    cell,
    CASE WHEN indicator = 'registered' THEN -1 ELSE 1 END AS coefficient
FROM population_coverage
WHERE indicator IN ('registered', 'registered_elsewhere', 'over_covered')
