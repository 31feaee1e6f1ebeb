-- Uncertain pairs and all that were decided, both records side by side as they were written.
WITH chosen AS (
    SELECT statement, person FROM weighed WHERE 1 / (1 + pow(2, -match_weight)) BETWEEN 0.05 AND 0.95
    UNION
    SELECT statement, person FROM decided_pairs
),
pairs AS (
    SELECT c.statement, c.person, w.* EXCLUDE (statement, person), d.decision, d.decided_by, d.decided_on
    FROM chosen AS c
    LEFT JOIN weighed AS w ON w.statement = c.statement AND w.person = c.person
    LEFT JOIN decided_pairs AS d ON d.statement = c.statement AND d.person = c.person
),
sent AS (
    SELECT
        'municipal_residence' AS source, record_id, reference_month, personal_number, first_name, surname,
        concat_ws(', ', settlement, address, 'before: ' || concat_ws(', ', previous_place, previous_address)) AS address
    FROM municipal_residence
    UNION ALL
    SELECT
        'civil_registry_events', record_id, reference_month, personal_number, first_name, surname,
        CAST(NULL AS VARCHAR)
    FROM civil_registry_events
),
called AS (
    SELECT a.person, names.code, min(w.name) AS name
    FROM (
        SELECT record_id, unnest([first_name, surname, birth_surname]) AS name FROM registry_writings
    ) AS w
    JOIN registry_records AS r ON r.record_id = w.record_id
    JOIN anchors AS a ON a.record = r.record
    JOIN names ON names.text = w.name
    WHERE a.person IN (SELECT person FROM pairs)
    GROUP BY a.person, names.code
),
registered AS (
    SELECT
        a.person,
        max_by(
            struct_pack(
                personal_number := p.personal_number, first_name := p.first_name, surname := p.surname,
                birth_date := p.birth_date, sex := p.sex, address := concat_ws(', ', p.settlement, p.address)
            ),
            p.reference_month || p.record_id
        ) AS latest
    FROM civil_registry_persons AS p
    JOIN registry_records AS r ON r.record_id = p.record_id
    JOIN anchors AS a ON a.record = r.record
    WHERE a.person IN (SELECT person FROM pairs)
    GROUP BY a.person
),
person_names AS (SELECT DISTINCT person, person_id FROM person_ids)
SELECT
    s.source,
    s.record_id,
    i.person_id,
    round(p.match_weight, 6) AS match_weight,
    1 / (1 + pow(2, -round(p.match_weight, 6))) AS match_probability,
    t.personal_number,
    coalesce(w.number, r.latest.personal_number) AS person_personal_number,
    t.first_name,
    coalesce(first_names.name, w.first_spelling, r.latest.first_name) AS person_first_name,
    t.surname,
    coalesce(surnames.name, w.surname_spelling, r.latest.surname) AS person_surname,
    s.birth_date,
    coalesce(w.birth_date, r.latest.birth_date) AS person_birth_date,
    s.sex,
    coalesce(w.sex, r.latest.sex) AS person_sex,
    nullif(t.address, '') AS address,
    nullif(r.latest.address, '') AS person_address,
    '{"names": ' || round(p.names, 4) || ', "birth date": ' || round(p.birth_date, 4) || ', "sex": '
        || round(p.sex, 4) || ', "number": ' || round(p.number, 4) || ', "place": ' || round(p.place, 4)
        || ', "declared twice": '
        || round(p.repeated, 4) || ', "prior": ' || round(p.prior, 4) || '}' AS contributions,
    p.decision,
    p.decided_by,
    p.decided_on
FROM pairs AS p
JOIN statements AS s ON s.statement = p.statement
JOIN sent AS t ON t.source = s.source AND t.record_id = s.record_id AND t.reference_month = s.reference_month
JOIN person_names AS i ON i.person = p.person
LEFT JOIN writings AS w ON w.writing = p.writing
LEFT JOIN called AS first_names ON first_names.person = p.person AND first_names.code = w.first_name
LEFT JOIN called AS surnames ON surnames.person = p.person AND surnames.code = w.surname
LEFT JOIN registered AS r ON r.person = p.person
