-- How often numbers are the person's own, one digit off, nobody's, a housemate's or somebody else's.
WITH owners AS (
    SELECT DISTINCT k.statement, k.person, w.person AS owner
    FROM known AS k
    JOIN statements AS s ON s.statement = k.statement
    JOIN writings AS w ON w.number = s.number
    WHERE k.level BETWEEN 0 AND 1 AND w.person <> k.person
),
owned AS (
    SELECT o.statement, bool_or(other.person IS NOT NULL) AS housemate
    FROM owners AS o
    JOIN homes AS h ON h.person = o.person AND h.kind = 'dwelling'
    LEFT JOIN homes AS other ON other.person = o.owner AND other.kind = 'dwelling' AND other.place = h.place
    GROUP BY o.statement
)
SELECT
    count(*) FILTER (WHERE k.level = 2),
    count(*) FILTER (WHERE k.level = 1 AND o.statement IS NULL),
    count(*) FILTER (WHERE k.level = 0 AND o.statement IS NULL),
    count(*) FILTER (WHERE o.housemate),
    count(*) FILTER (WHERE NOT o.housemate)
FROM known AS k
LEFT JOIN owned AS o ON o.statement = k.statement
