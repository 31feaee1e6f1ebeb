-- Spells of the changed persons as a draw has them, and under its negative number as they are without it.
SELECT
    -c.draw AS draw,
    s.*
FROM residence_spells AS s
INNER JOIN changed_persons AS c ON c.person_id = s.person_id
UNION ALL BY NAME
SELECT * FROM drawn_spells
