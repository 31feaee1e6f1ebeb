-- Moves and movers between all areas of each level that has several, those that stay inside one included.
WITH zones AS (
    SELECT
        code,
        area AS zone,
        level
    FROM wider_areas
    WHERE level IN (SELECT level FROM areas GROUP BY level HAVING count(*) > 1)
)

SELECT
    c.year,
    o.level,
    CASE WHEN c.indicator = 'moves' THEN 'moves' ELSE 'movers' END AS measure,
    o.zone AS origin,
    d.zone AS destination,
    CAST(sum(c.obs_value) AS BIGINT) AS obs_value
FROM migration_counts AS c
INNER JOIN zones AS o ON o.code = c.origin
INNER JOIN zones AS d ON d.code = c.destination AND d.level = o.level
GROUP BY ALL
