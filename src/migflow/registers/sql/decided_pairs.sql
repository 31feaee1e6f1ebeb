-- What people decided of pairs whose record and person are still there.
SELECT s.statement, i.person, d.decision, d.decided_by, d.decided_on
FROM decisions AS d
JOIN statements AS s ON s.source = d.source AND s.record_id = d.record_id
JOIN (SELECT DISTINCT person, person_id FROM person_ids) AS i ON i.person_id = d.person_id
