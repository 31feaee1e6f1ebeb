SELECT
    time_period AS year,
    named(area) AS municipality,
    sum(obs_value) FILTER (indicator = 'registered') AS registered,
    sum(obs_value) FILTER (indicator = 'over_covered') AS over_covered,
    100.0 * over_covered / registered AS percent,
    hidden(conf_status) AS suppressed
FROM population_coverage
WHERE
    level = 'municipality'
    AND indicator IN ('registered', 'over_covered')
    AND time_period = newest('population_coverage')
GROUP BY year, area
ORDER BY percent DESC NULLS LAST, municipality
