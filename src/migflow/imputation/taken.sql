-- Persons whose record of the same counter, day and kind is certain.
SELECT DISTINCT
    u.counter_code,
    p.code
FROM municipal_residence AS d
INNER JOIN (SELECT DISTINCT counter, counter_code FROM uncertain_records) AS u
    ON u.counter = d.provider || '|' || CAST(d.declared_on AS VARCHAR) || '|' || d.event_type
INNER JOIN person_links AS l ON l.source = 'municipal_residence' AND l.record_id = d.record_id
INNER JOIN person_codes AS p ON p.person_id = l.person_id
LEFT JOIN uncertain_records AS r ON r.source = l.source AND r.record_id = l.record_id
WHERE r.record IS NULL
ORDER BY u.counter_code, p.code
