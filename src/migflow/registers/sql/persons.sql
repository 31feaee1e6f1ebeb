-- One row a person, over all records of the person: id and anchor from the oldest record, the rest from the record
-- seen last (the older of two seen alike), or the next one that has it.
WITH held AS (
    SELECT
        ids.person_id,
        ids.person = r.record AS is_anchor,
        r.*,
        numbers.number,
        row_number() OVER seen_last AS place,
        first_value(r.birth_date) OVER seen_last AS latest_birth_date
    FROM registry_records AS r
    JOIN person_ids AS ids ON ids.record = r.record
    LEFT JOIN numbers ON numbers.text = r.personal_number AND numbers.valid
    WINDOW seen_last AS (PARTITION BY ids.person_id ORDER BY r.last_month DESC, r.record)
),
gathered AS (
    SELECT
        person_id,
        min(record_id) FILTER (WHERE is_anchor) AS anchor_record_id,
        min_by(number, place) FILTER (WHERE number IS NOT NULL) AS number,
        min_by(first_name, place) AS first_name,
        min_by(surname, place) AS surname,
        min_by(birth_surname, place) FILTER (WHERE birth_surname IS NOT NULL) AS birth_surname,
        min_by(sex, place) AS sex,
        min_by(birth_date, place) AS birth_date,
        -- Records of one number and names may differ in their birth dates; nobody dies before being born.
        min(death_date) FILTER (WHERE death_date >= latest_birth_date) AS death_date,
        min_by(citizenship, place) FILTER (WHERE citizenship IS NOT NULL) AS citizenship,
        min(first_month) AS first_month,
        max(last_month) AS last_month
    FROM held
    GROUP BY person_id
)
SELECT
    g.person_id,
    g.anchor_record_id,
    g.number AS personal_number,
    first_names.folded AS first_name,
    surnames.folded AS surname,
    birth_surnames.folded AS birth_surname,
    g.sex,
    g.birth_date,
    g.death_date,
    g.citizenship,
    g.first_month,
    g.last_month
FROM gathered AS g
JOIN names AS first_names ON first_names.text = g.first_name
JOIN names AS surnames ON surnames.text = g.surname
LEFT JOIN names AS birth_surnames ON birth_surnames.text = g.birth_surname
