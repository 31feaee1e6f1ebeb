-- at most: who lives there without being registered lives there
SELECT
    (time_period, area, age_group, sex) AS equation,
    cell,
    CASE WHEN indicator = 'usually_resident' THEN -1 ELSE 1 END AS coefficient
FROM population_coverage
WHERE indicator IN ('usually_resident', 'under_covered')
