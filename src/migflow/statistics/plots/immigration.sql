SELECT
    time_period AS year,
    'immigration' AS direction,
    previous_country AS country,
    total(obs_value) AS migrants,
    hidden(conf_status) AS suppressed
FROM immigration
WHERE agedef = 'COMPLET' AND time_period = newest('immigration')
GROUP BY ALL
ORDER BY migrants DESC NULLS LAST, country
