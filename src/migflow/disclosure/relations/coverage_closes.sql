-- equal: the residents of the country are its registered without the over-covered and with the under-covered
SELECT
    (c.time_period, c.age_group, c.sex) AS equation,
    c.cell,
    CASE WHEN c.indicator IN ('registered', 'under_covered') THEN 1 ELSE -1 END AS coefficient
FROM population_coverage AS c
INNER JOIN areas AS a ON a.code = c.area
WHERE a.level = 'country' AND c.indicator IN ('registered', 'usually_resident', 'over_covered', 'under_covered')
