-- Links of the variants, as if each were a person; and the registry records of the mothers in their acts of birth.
WITH one_of_each AS (
    SELECT DISTINCT ON (variant) * FROM variants ORDER BY variant, draw
),

gained AS (
    SELECT c.source, c.record_id, v.variant AS person_id
    FROM one_of_each AS v
    INNER JOIN changes AS c ON c.draw = v.draw AND c.person_id = v.person_id AND c.gained
),

kept AS (
    SELECT l.source, l.record_id, v.variant AS person_id
    FROM person_links AS l
    INNER JOIN one_of_each AS v ON v.person_id = l.person_id
    LEFT JOIN changes AS c
        ON c.draw = v.draw AND c.person_id = v.person_id AND c.source = l.source AND c.record_id = l.record_id
    WHERE c.record_id IS NULL
),

mothers AS (
    SELECT DISTINCT p.person_id
    FROM (FROM gained UNION ALL FROM kept) AS l
    INNER JOIN civil_registry_events AS e ON l.source = 'civil_registry_events' AND e.record_id = l.record_id
    INNER JOIN persons AS p ON p.personal_number = regexp_replace(e.mother_personal_number, '[\s./-]', '', 'g')
    WHERE e.event_type = 'birth'
)

FROM gained
UNION ALL
FROM kept
UNION ALL
SELECT l.source, l.record_id, l.person_id
FROM person_links AS l
INNER JOIN mothers AS m ON m.person_id = l.person_id
WHERE l.source = 'civil_registry_persons'
