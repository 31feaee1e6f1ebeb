-- Areas with their wider areas, for each mark.
SELECT
    m.mark || a.code AS code,
    a.level,
    m.mark || a.area AS area
FROM main.plain_areas AS a
CROSS JOIN (
    SELECT mark FROM main.marks
    UNION
    SELECT CAST(draw AS VARCHAR) || '|' FROM main.marks
) AS m
