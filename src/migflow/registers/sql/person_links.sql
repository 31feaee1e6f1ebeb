WITH double_entries AS (
    SELECT record, min(reason) AS reason FROM same_person WHERE older < record GROUP BY record
),
best AS (
    SELECT
        statement,
        max(match_weight) AS match_weight,
        max(match_weight) < 0 AND sum(1 / (1 + pow(2, -match_weight))) >= 0.5 AS ambiguous
    FROM weighed
    GROUP BY statement
),
decided AS (
    SELECT
        s.*,
        l.person,
        coalesce(l.pass, 'none') AS pass,
        -- Rounded, so that the last bits of a sum do not depend on the machine.
        round(coalesce(l.match_weight, best.match_weight), 6) AS match_weight,
        l.reason AS agreement,
        coalesce(best.ambiguous, false) AS ambiguous
    FROM statements AS s
    LEFT JOIN links AS l ON l.statement = s.statement
    LEFT JOIN best ON best.statement = s.statement
)
SELECT
    'civil_registry_persons' AS source,
    r.record_id,
    ids.person_id,
    'anchor' AS pass,
    NULL AS match_weight,
    NULL AS match_probability,
    CASE WHEN ids.person = r.record THEN 'anchor record' ELSE 'double entry: ' || coalesce(d.reason, 'linked') END
        AS reason
FROM registry_records AS r
JOIN person_ids AS ids ON ids.record = r.record
LEFT JOIN double_entries AS d ON d.record = r.record
UNION ALL
SELECT
    d.source,
    d.record_id,
    ids.person_id,
    d.pass,
    d.match_weight,
    1 / (1 + pow(2, -d.match_weight)),
    CASE
        WHEN d.pass <> 'none' THEN d.agreement
        WHEN d.ambiguous THEN 'ambiguous: several persons agree alike'
        WHEN d.match_weight >= 0 AND d.event_type <> 'birth'
            THEN 'personal number or address of a person, but neither a name nor the birth date'
        WHEN d.event_type = 'birth' THEN 'birth without a registry record yet'
        WHEN d.birth_date IS NULL AND d.number IS NULL THEN 'no birth date and no usable number'
        ELSE 'no person agrees'
    END AS reason
FROM decided AS d
LEFT JOIN person_ids AS ids ON ids.record = d.person
