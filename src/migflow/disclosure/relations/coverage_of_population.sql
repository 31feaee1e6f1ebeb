-- equal: the registered of an age group and sex in a municipality are its population of these ages
SELECT (time_period, area, age_group, sex) AS equation, cell, 1 AS coefficient
FROM population_coverage
WHERE indicator = 'registered' AND area IN (SELECT area FROM population)
UNION ALL
SELECT
    (
        time_period,
        area,
        CASE
            WHEN age < 5 THEN 'Y_LT5'
            WHEN age >= 85 THEN 'Y_GE85'
            ELSE 'Y' || CAST(age - age % 5 AS VARCHAR) || 'T' || CAST(age - age % 5 + 4 AS VARCHAR)
        END,
        sex
    ),
    cell,
    -1
FROM population
