-- Links of records to persons against the truth. A person of the register stands for the true person of its anchor
-- record; recall is over the records whose true person has a registry record. Anchors are not counted: they are right
-- by definition.
WITH true_of_record AS (
    SELECT
        source,
        record_id,
        min(person_id) AS true_person
    FROM truth_records
    GROUP BY source, record_id
),

true_of_person AS (
    SELECT
        p.person_id,
        t.true_person
    FROM persons AS p
    INNER JOIN true_of_record AS t ON t.source = 'civil_registry_persons' AND t.record_id = p.anchor_record_id
),

registered AS (
    SELECT DISTINCT true_person FROM true_of_person
),

judged AS (
    SELECT
        l.source,
        l.person_id IS NOT NULL AS is_linked,
        r.true_person IS NOT NULL AS is_linkable,
        coalesce(p.true_person = t.true_person, FALSE) AS is_right
    FROM person_links AS l
    INNER JOIN true_of_record AS t ON t.source = l.source AND t.record_id = l.record_id
    LEFT JOIN true_of_person AS p ON p.person_id = l.person_id
    LEFT JOIN registered AS r ON r.true_person = t.true_person
    WHERE l.pass <> 'anchor'
)

SELECT
    source,
    count(*) AS records,
    count(*) FILTER (WHERE is_linkable) AS linkable,
    count(*) FILTER (WHERE is_linked) AS linked,
    count(*) FILTER (WHERE is_right) AS right_links
FROM judged
GROUP BY source
ORDER BY source
