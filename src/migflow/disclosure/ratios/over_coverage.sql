-- Registered without living in the country, in percent of the registered; no row of over_covered is none.
SELECT
    r.cell,
    o.cell AS numerator,
    g.cell AS denominator,
    100 AS per
FROM population_coverage AS r
INNER JOIN population_coverage AS g
    ON
        g.time_period = r.time_period
        AND g.area = r.area
        AND g.level = r.level
        AND g.age_group = r.age_group
        AND g.sex = r.sex
        AND g.indicator = 'registered'
LEFT JOIN population_coverage AS o
    ON
        o.time_period = r.time_period
        AND o.area = r.area
        AND o.level = r.level
        AND o.age_group = r.age_group
        AND o.sex = r.sex
        AND o.indicator = 'over_covered'
WHERE r.indicator = 'over_coverage_rate'
