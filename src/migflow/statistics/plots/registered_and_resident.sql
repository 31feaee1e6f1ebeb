SELECT
    time_period AS year,
    age_group,
    first_age(age_group) AS first_age,
    sex,
    max(obs_value) FILTER (indicator = 'registered') AS registered,
    max(obs_value) FILTER (indicator = 'usually_resident') AS usually_resident,
    hidden(conf_status) AS suppressed
FROM population_coverage
WHERE
    level = 'country'
    AND indicator IN ('registered', 'usually_resident')
    AND time_period = newest('population_coverage')
GROUP BY ALL
ORDER BY first_age, sex
