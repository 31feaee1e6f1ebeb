-- Edges from registry records to an older record of the same person. Both have one sex, and further: one valid number,
-- one birth date and a like first name or surname; or one valid number and equal names; or equal names (with the
-- surname or the surname at birth), birth date and both parents' names.
WITH spelt AS (
    SELECT
        r.record, r.sex, r.birth_date, numbers.number,
        first_names.code AS first_name, surnames.code AS surname,
        births.code AS birth_surname, fathers.code AS father_name, mothers.code AS mother_name
    FROM registry_records AS r
    LEFT JOIN numbers ON numbers.text = r.personal_number AND numbers.valid
    JOIN names AS first_names ON first_names.text = r.first_name
    JOIN names AS surnames ON surnames.text = r.surname
    LEFT JOIN names AS births ON births.text = r.birth_surname
    LEFT JOIN names AS fathers ON fathers.text = r.father_name
    LEFT JOIN names AS mothers ON mothers.text = r.mother_name
),
called AS (
    SELECT s.record, s.sex, s.birth_date, s.number, spellings.spelling
    FROM (
        SELECT record, sex, birth_date, number, unnest([first_name, surname, birth_surname]) AS code
        FROM spelt WHERE number IS NOT NULL
    ) AS s
    JOIN spellings ON spellings.code = s.code AND spellings.spelling <> ''
)
SELECT a.record, b.record AS older, 'same number and birth date, like name' AS reason
FROM called AS a
JOIN called AS b
    ON b.number = a.number AND b.birth_date = a.birth_date AND b.sex = a.sex AND b.record < a.record
GROUP BY a.record, b.record
HAVING max(jaro_winkler_similarity(a.spelling, b.spelling)) >= $same_name
UNION ALL
SELECT
    record,
    min(record) OVER (PARTITION BY number, sex, least(first_name, surname), greatest(first_name, surname)) AS older,
    'same number and names' AS reason
FROM spelt WHERE number IS NOT NULL
UNION ALL
SELECT
    record,
    min(record) OVER (
        PARTITION BY
            least(first_name, surname), greatest(first_name, surname), birth_date, sex, father_name, mother_name
    ) AS older,
    'same names, birth date, sex and parents' AS reason
FROM spelt WHERE father_name IS NOT NULL AND mother_name IS NOT NULL
UNION ALL
SELECT
    record,
    min(record) OVER (PARTITION BY first_name, birth_surname, birth_date, sex, father_name, mother_name) AS older,
    'same first name, surname at birth, birth date, sex and parents' AS reason
FROM spelt WHERE father_name IS NOT NULL AND mother_name IS NOT NULL AND birth_surname IS NOT NULL
