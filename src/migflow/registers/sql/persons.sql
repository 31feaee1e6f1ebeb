SELECT
    ids.person_id,
    r.record_id AS anchor_record_id,
    numbers.number AS personal_number,
    first_names.folded AS first_name,
    surnames.folded AS surname,
    birth_surnames.folded AS birth_surname,
    r.sex,
    r.birth_date,
    r.death_date,
    r.citizenship,
    r.first_month,
    r.last_month
FROM registry_records AS r
JOIN person_ids AS ids ON ids.record = r.record AND ids.person = r.record
LEFT JOIN numbers ON numbers.text = r.personal_number AND numbers.valid
JOIN names AS first_names ON first_names.text = r.first_name
JOIN names AS surnames ON surnames.text = r.surname
LEFT JOIN names AS birth_surnames ON birth_surnames.text = r.birth_surname
