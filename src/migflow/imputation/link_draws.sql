-- Links that a draw changes, with what they are in it.
SELECT
    CAST(d.draw AS INTEGER) AS draw,
    r.source,
    r.record_id,
    coalesce(p.person_id, k.person_id, i.person_id) AS person_id
FROM drawn AS d
INNER JOIN uncertain_records AS r ON r.record = d.record
LEFT JOIN person_codes AS p ON p.code = d.person
LEFT JOIN known_movers AS k ON k.draw = d.draw AND k.record = d.record
LEFT JOIN stand_ins AS i ON i.draw = d.draw AND i.record = d.record
WHERE coalesce(p.person_id, k.person_id, i.person_id) IS DISTINCT FROM r.person_id
