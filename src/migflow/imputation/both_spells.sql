-- Spells of the touched persons as a draw has them, and under its negative number as they are without it.
SELECT
    -t.draw AS draw,
    s.*
FROM residence_spells AS s
INNER JOIN touched AS t ON t.person_id = s.person_id
UNION ALL BY NAME
SELECT
    t.draw,
    s.*
FROM residence_spells AS s
INNER JOIN touched AS t ON t.person_id = s.person_id AND NOT t.is_changed
UNION ALL BY NAME
SELECT * FROM drawn_spells
