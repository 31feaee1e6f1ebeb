-- Every record of another source that speaks of a person; one month of a record_id delivered in several. Rows of one
-- counter, day and kind (`counter`) may have been declared together.
WITH sent AS (
    SELECT
        'civil_registry_events' AS source, record_id, reference_month, event_type, personal_number,
        first_name, surname, birth_date, sex, CAST(NULL AS VARCHAR) AS citizenship,
        CAST(NULL AS VARCHAR) AS counter, CAST(NULL AS VARCHAR) AS address, CAST(NULL AS VARCHAR) AS previous_address
    FROM civil_registry_events
    UNION ALL
    SELECT
        'municipal_residence' AS source, record_id, reference_month, event_type, personal_number,
        first_name, surname, birth_date, sex, citizenship,
        provider || '|' || CAST(declared_on AS VARCHAR) || '|' || event_type AS counter, address, previous_address
    FROM municipal_residence
),
latest AS (
    SELECT *
    FROM sent
    QUALIFY row_number() OVER (PARTITION BY source, record_id ORDER BY reference_month DESC) = 1
)
SELECT
    row_number() OVER (ORDER BY source, record_id) AS statement,
    source,
    record_id,
    reference_month,
    event_type,
    CASE WHEN numbers.valid THEN numbers.number END AS number,
    numbers.written AS written_number,
    first_names.code AS first_name,
    surnames.code AS surname,
    birth_date,
    sex,
    citizenship,
    counter,
    address,
    previous_address
FROM latest
LEFT JOIN numbers ON numbers.text = latest.personal_number
JOIN names AS first_names ON first_names.text = latest.first_name
JOIN names AS surnames ON surnames.text = latest.surname
