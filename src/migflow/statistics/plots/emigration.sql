SELECT
    time_period AS year,
    'emigration' AS direction,
    next_country AS country,
    total(obs_value) AS migrants,
    hidden(conf_status) AS suppressed
FROM emigration
WHERE agedef = 'COMPLET' AND time_period = newest('emigration')
GROUP BY ALL
ORDER BY migrants DESC NULLS LAST, country
