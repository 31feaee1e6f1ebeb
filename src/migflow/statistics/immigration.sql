SELECT
    c.year AS time_period,
    c.agedef,
    c.age_group,
    c.sex,
    c.citizenship,
    c.country AS previous_country,
    c.obs_value,
    'EVT' AS unit_measure,
    y.obs_status
FROM international_migration_counts AS c
INNER JOIN accounting_years AS y ON y.year = c.year
WHERE c.direction = 'immigration'
