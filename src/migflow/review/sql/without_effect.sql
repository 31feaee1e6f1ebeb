-- Decided pairs that are no link though they are the same, or whose record or person is there no more.
SELECT d.source, d.record_id, d.person_id
FROM decisions AS d
LEFT JOIN person_links AS l ON l.source = d.source AND l.record_id = d.record_id
LEFT JOIN persons AS p ON p.person_id = d.person_id
WHERE l.record_id IS NULL
    OR p.person_id IS NULL
    OR (d.decision = 'same') <> (coalesce(l.person_id, '') = d.person_id)
ORDER BY d.source, d.record_id, d.person_id
