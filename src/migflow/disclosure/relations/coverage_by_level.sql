-- equal: registered, resident, over- and under-covered in a wider area are those of its municipalities
SELECT (t.time_period, w.area, t.age_group, t.sex, t.indicator) AS equation, t.cell, 1 AS coefficient
FROM population_coverage AS t
INNER JOIN wider_areas AS w ON w.code = t.area AND w.area <> t.area
WHERE
    t.area IN (SELECT area FROM population_balance)
    AND t.indicator IN ('registered', 'usually_resident', 'over_covered', 'under_covered')
UNION ALL
SELECT (time_period, area, age_group, sex, indicator), cell, -1
FROM population_coverage
WHERE
    area NOT IN (SELECT area FROM population_balance)
    AND indicator IN ('registered', 'usually_resident', 'over_covered', 'under_covered')
