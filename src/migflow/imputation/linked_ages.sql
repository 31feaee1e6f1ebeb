-- Ages, in days at the event, of those whose declarations are linked: of 2,000 of each kind and sex.
WITH chosen AS (
    SELECT
        event_type AS kind,
        sex,
        unnest(arg_min({'record_id': record_id, 'event_date': event_date}, hash(record_id), 2000), recursive := TRUE)
    FROM municipal_residence
    WHERE sex IS NOT NULL
    GROUP BY event_type, sex
)

SELECT
    d.kind,
    d.sex,
    d.event_date - p.birth_date AS days
FROM chosen AS d
INNER JOIN person_links AS l ON l.source = 'municipal_residence' AND l.record_id = d.record_id
INNER JOIN persons AS p ON p.person_id = l.person_id
WHERE d.event_date >= p.birth_date
