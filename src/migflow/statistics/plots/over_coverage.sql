-- Cells of nobody are left out of the table, so where none is suppressed what is missing is zero.
SELECT
    time_period AS year,
    named(area) AS municipality,
    hidden(conf_status) AS suppressed,
    sum(obs_value) FILTER (indicator = 'registered') AS registered,
    coalesce(sum(obs_value) FILTER (indicator = 'over_covered'), CASE WHEN suppressed = 0 THEN 0 END) AS over_covered,
    CASE WHEN suppressed = 0 THEN 100.0 * over_covered / registered END AS percent
FROM population_coverage
WHERE
    level = 'municipality'
    AND indicator IN ('registered', 'over_covered')
    AND time_period = newest('population_coverage')
GROUP BY year, area
ORDER BY percent DESC NULLS LAST, municipality
