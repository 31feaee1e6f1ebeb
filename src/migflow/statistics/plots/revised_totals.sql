WITH main_figures (table_name, indicator, rank, figure) AS (
    VALUES
    ('population_coverage', 'country.registered', 1, 'Registered population'),
    ('population_coverage', 'country.usually_resident', 2, 'Usually resident population'),
    ('migration_indices', 'moves.municipality.total', 3, 'Moves between municipalities'),
    ('migration_indices', 'movers.municipality.total', 4, 'Movers between municipalities'),
    ('immigration', 'COMPLET', 5, 'Immigration'),
    ('emigration', 'COMPLET', 6, 'Emigration')
)

SELECT
    r.compared_with,
    m.figure,
    CAST(r.time_period AS INTEGER) AS year,
    r.value_before,
    r.value_after,
    100 * r.revision / nullif(r.value_before, 0) AS percent
FROM revisions AS r
JOIN main_figures AS m ON m.table_name = r.table_name AND m.indicator = r.indicator
WHERE r.status_before IS NOT NULL AND r.status_after IS NOT NULL
ORDER BY m.rank, year
