-- Statements that carry the valid number of somebody, with those who may have been lent it: the other residents of
-- that person's dwellings, and those of one surname and day of birth (twins).
WITH owners AS (
    SELECT DISTINCT s.statement, s.number, w.person, w.surname, w.birth_date
    FROM open_statements AS s
    JOIN writings AS w ON w.number = s.number
),
near AS (
    SELECT o.statement, o.number, other.person
    FROM owners AS o
    JOIN homes AS h ON h.person = o.person AND h.kind = 'dwelling'
    JOIN homes AS other ON other.kind = 'dwelling' AND other.place = h.place
    UNION
    SELECT o.statement, o.number, w.person
    FROM owners AS o
    JOIN writings AS w ON w.surname = o.surname AND w.birth_date = o.birth_date
)
SELECT n.statement, n.person
FROM near AS n
ANTI JOIN writings AS own ON own.number = n.number AND own.person = n.person
