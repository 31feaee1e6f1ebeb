-- Their spells: those of residence_spells, and those of the draw.
SELECT
    m.mark || s.person_id AS person_id,
    m.mark || s.municipality AS municipality,
    s.* EXCLUDE (person_id, municipality)
FROM residence_spells AS s
INNER JOIN marks AS m ON m.person_id = s.person_id AND m.sign < 0
UNION ALL BY NAME
SELECT
    m.mark || s.person_id AS person_id,
    m.mark || s.municipality AS municipality,
    s.* EXCLUDE (draw, person_id, municipality)
FROM drawn_spells AS s
INNER JOIN marks AS m ON m.person_id = s.person_id AND m.draw = s.draw AND m.sign > 0
