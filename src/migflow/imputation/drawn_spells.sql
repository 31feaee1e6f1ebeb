-- Spells of the persons that a draw changes.
SELECT v.draw, v.person_id, s.* EXCLUDE (person_id)
FROM variants AS v
INNER JOIN variant_spells AS s ON s.person_id = v.variant
