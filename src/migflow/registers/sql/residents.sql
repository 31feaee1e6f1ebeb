-- Who is written at each address, as hashes: by personal number, by full name, and by surname with a parent's name,
-- so that a parent and a child of one home, or one person in two records, share one.
WITH people AS (
    SELECT 'civil_registry_persons' AS source, record_id, reference_month, personal_number,
        first_name, surname, father_name, mother_name
    FROM civil_registry_persons
    UNION ALL
    SELECT 'municipal_residence', record_id, reference_month, personal_number, first_name, surname, NULL, NULL
    FROM municipal_residence
),
called AS (
    SELECT
        a.address_key,
        p.personal_number,
        surnames.spelling AS surname,
        unnest([first_names.spelling, fathers.spelling, mothers.spelling]) AS given
    FROM written AS w
    JOIN addresses AS a
        ON a.municipality IS NOT DISTINCT FROM w.municipality
        AND a.settlement IS NOT DISTINCT FROM w.settlement
        AND a.address IS NOT DISTINCT FROM w.address
    JOIN people AS p
        ON p.source = w.source AND p.record_id = w.record_id AND p.reference_month = w.reference_month
    LEFT JOIN name_texts AS surnames ON surnames.text = p.surname
    LEFT JOIN name_texts AS first_names ON first_names.text = p.first_name
    LEFT JOIN name_texts AS fathers ON fathers.text = p.father_name
    LEFT JOIN name_texts AS mothers ON mothers.text = p.mother_name
)
SELECT DISTINCT address_key, hash(surname, given) AS resident FROM called WHERE surname <> '' AND given <> ''
UNION
SELECT DISTINCT address_key, hash(personal_number) FROM called WHERE personal_number IS NOT NULL
