-- Each area with itself and with every wider one it lies in: code, and the level and code (area) of the wider one.
WITH RECURSIVE wider AS (
    SELECT
        code,
        level,
        code AS area,
        parent
    FROM areas
    UNION ALL
    SELECT
        n.code,
        a.level,
        a.code,
        a.parent
    FROM wider AS n
    INNER JOIN areas AS a ON a.code = n.parent
)

SELECT
    code,
    level,
    area
FROM wider
