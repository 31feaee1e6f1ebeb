-- equal: a rate shown with its moves tells the mean population by age and sex, or by citizenship and sex
WITH told AS (
    SELECT DISTINCT
        time_period,
        'age' AS kind,
        sex,
        CAST(age AS VARCHAR) AS code
    FROM internal_migration_by_age
    WHERE indicator = 'moves' AND obs_value > 0 AND cell NOT IN (SELECT cell FROM primary_cells)
    UNION ALL
    SELECT DISTINCT
        time_period,
        'citizenship',
        sex,
        citizenship
    FROM internal_migration_by_citizenship
    WHERE indicator = 'moves' AND obs_value > 0 AND cell NOT IN (SELECT cell FROM primary_cells)
)

SELECT (t.time_period, t.kind, t.sex, t.code) AS equation, p.cell, 1 AS coefficient
FROM told AS t
INNER JOIN population AS p
    ON
        p.time_period IN (t.time_period, t.time_period + 1)
        AND p.sex = t.sex
        AND t.code = CASE WHEN t.kind = 'age' THEN CAST(p.age AS VARCHAR) ELSE p.citizenship END
