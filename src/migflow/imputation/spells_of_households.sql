-- Spells of the changed persons, and those of their housemates, which are the same with a draw and without it.
SELECT * FROM changed_spells
UNION ALL BY NAME
SELECT
    sides.sign * h.draw AS draw,
    s.*
FROM residence_spells AS s
INNER JOIN housemates AS h ON h.person_id = s.person_id
CROSS JOIN (VALUES (1), (-1)) AS sides (sign)
