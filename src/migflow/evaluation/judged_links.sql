-- Links of records to persons against the truth; linkable are records whose true person has a registry record. Anchors
-- are left out: they are right by definition.
WITH registered AS (
    SELECT DISTINCT true_person FROM true_of_person
)

SELECT
    l.source,
    l.record_id,
    t.true_person,
    l.person_id IS NOT NULL AS is_linked,
    r.true_person IS NOT NULL AS is_linkable,
    coalesce(p.true_person = t.true_person, FALSE) AS is_right
FROM person_links AS l
INNER JOIN true_of_record AS t ON t.source = l.source AND t.record_id = l.record_id
LEFT JOIN true_of_person AS p ON p.person_id = l.person_id
LEFT JOIN registered AS r ON r.true_person = t.true_person
WHERE l.pass <> 'anchor'
