-- Ages, in days at the event, of those whose declarations are linked: of each kind and sex at most 1,000.
SELECT
    d.event_type AS kind,
    d.sex,
    d.event_date - p.birth_date AS days
FROM municipal_residence AS d
INNER JOIN person_links AS l ON l.source = 'municipal_residence' AND l.record_id = d.record_id
INNER JOIN persons AS p ON p.person_id = l.person_id
WHERE d.event_date >= p.birth_date AND d.sex IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY d.event_type, d.sex ORDER BY hash(d.record_id), d.record_id) <= 1000
