WITH double_entries AS (
    SELECT record, min(reason) AS reason FROM same_person WHERE older < record GROUP BY record
)
SELECT
    'civil_registry_persons' AS source,
    r.record_id,
    ids.person_id,
    'anchor' AS pass,
    100.0 AS score,
    CASE WHEN ids.person = r.record THEN 'anchor record' ELSE 'double entry: ' || coalesce(d.reason, 'linked') END
        AS reason
FROM registry_records AS r
JOIN person_ids AS ids ON ids.record = r.record
LEFT JOIN double_entries AS d ON d.record = r.record
UNION ALL
SELECT
    s.source,
    s.record_id,
    ids.person_id,
    coalesce(l.pass, 'none') AS pass,
    l.score,
    CASE
        WHEN l.pass IS NOT NULL THEN l.reason
        WHEN u.statement IS NOT NULL THEN 'ambiguous: several persons agree alike'
        WHEN s.event_type = 'birth' THEN 'birth without a registry record yet'
        WHEN s.birth_date IS NULL THEN 'no birth date and no usable number'
        ELSE 'no person agrees'
    END AS reason
FROM statements AS s
LEFT JOIN links AS l ON l.statement = s.statement
LEFT JOIN person_ids AS ids ON ids.record = l.person
LEFT JOIN (SELECT DISTINCT statement FROM undecided) AS u ON u.statement = s.statement
