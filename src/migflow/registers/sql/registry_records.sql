-- Every record the civil registry ever held, as its latest snapshot has it; `record` numbers them by age. It is seen
-- (last_month) in a snapshot also by a row that is in quarantine.
WITH held AS (
    SELECT record_id, min(reference_month) AS first_month, max(reference_month) AS last_month
    FROM civil_registry_persons
    GROUP BY record_id
),
set_apart AS (
    SELECT record_id, max(reference_month) AS last_month
    FROM quarantined
    GROUP BY record_id
)
SELECT
    row_number() OVER (ORDER BY held.first_month, held.record_id) AS record,
    held.record_id,
    held.first_month,
    greatest(held.last_month, coalesce(set_apart.last_month, held.last_month)) AS last_month,
    p.personal_number,
    p.first_name,
    p.surname,
    p.birth_surname,
    p.father_name,
    p.mother_name,
    p.sex,
    p.birth_date,
    p.death_date,
    p.citizenship
FROM held
JOIN civil_registry_persons AS p ON p.record_id = held.record_id AND p.reference_month = held.last_month
LEFT JOIN set_apart ON set_apart.record_id = held.record_id
