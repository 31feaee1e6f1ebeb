-- Declarations made together: one counter, day and kind, and one new or former address as read or as written.
WITH addressed AS (
    SELECT s.statement, s.counter, p.kind || p.place AS address
    FROM statements AS s
    JOIN stated_places AS p ON p.statement = s.statement AND p.kind = 'building'
    WHERE s.counter IS NOT NULL
    UNION
    SELECT statement, counter, address FROM statements WHERE counter IS NOT NULL AND address IS NOT NULL
    UNION
    SELECT statement, counter, previous_address FROM statements
    WHERE counter IS NOT NULL AND previous_address IS NOT NULL
)
SELECT DISTINCT a.statement, b.statement AS companion
FROM addressed AS a
JOIN addressed AS b ON b.counter = a.counter AND b.address = a.address AND b.statement <> a.statement
