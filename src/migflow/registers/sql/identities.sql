-- Names and dates under which each person may be met: every writing of the person's records, and the surname
-- at birth as a surname. Names are codes of spellings.
WITH written AS (
    SELECT anchors.person, w.*, r.sex
    FROM registry_writings AS w
    JOIN registry_records AS r ON r.record_id = w.record_id
    JOIN anchors ON anchors.record = r.record
),
named AS (
    SELECT person, personal_number, first_name, surname, birth_date, sex FROM written
    UNION ALL
    SELECT person, personal_number, first_name, birth_surname, birth_date, sex FROM written
    WHERE birth_surname IS NOT NULL
)
SELECT DISTINCT
    person,
    numbers.number,
    first_names.code AS first_name,
    surnames.code AS surname,
    birth_date,
    sex
FROM named
LEFT JOIN numbers ON numbers.text = named.personal_number AND numbers.valid
JOIN names AS first_names ON first_names.text = named.first_name
JOIN names AS surnames ON surnames.text = named.surname
