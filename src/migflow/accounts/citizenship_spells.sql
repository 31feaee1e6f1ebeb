-- Citizenship: the first known one since birth, then by change: the act's day, or else the first snapshot that shows it.
WITH registered AS (
    SELECT
        record_id,
        citizenship,
        min(reference_month) AS reference_month
    FROM civil_registry_persons
    WHERE citizenship IS NOT NULL
    GROUP BY record_id, citizenship
),

statements AS (
    SELECT
        l.person_id,
        last_day(CAST(r.reference_month || '-01' AS DATE)) AS statement_date,
        2 AS trust,
        r.citizenship,
        r.record_id
    FROM registered AS r
    INNER JOIN person_links AS l ON l.source = 'civil_registry_persons' AND l.record_id = r.record_id
    UNION ALL
    SELECT
        l.person_id,
        e.event_date,
        1,
        e.new_citizenship,
        e.record_id
    FROM civil_registry_events AS e
    INNER JOIN person_links AS l ON l.source = 'civil_registry_events' AND l.record_id = e.record_id
    WHERE e.event_type = 'citizenship_change' AND e.new_citizenship IS NOT NULL
),

ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY person_id, statement_date ORDER BY trust, record_id, citizenship
        ) AS rank_of_day
    FROM statements
    WHERE statement_date < CAST($as_of AS DATE)
),

changes AS (
    SELECT
        *,
        lag(citizenship) OVER (PARTITION BY person_id ORDER BY statement_date) AS citizenship_before
    FROM ranked
    WHERE rank_of_day = 1
),

dated AS (
    SELECT
        c.person_id,
        c.citizenship,
        CASE
            WHEN c.citizenship_before IS NULL THEN least(p.birth_date, c.statement_date) ELSE c.statement_date
        END AS from_date
    FROM changes AS c
    INNER JOIN persons AS p ON p.person_id = c.person_id
    WHERE c.citizenship IS DISTINCT FROM c.citizenship_before
)

SELECT
    person_id,
    CAST(row_number() OVER by_person AS INTEGER) AS spell_number,
    citizenship,
    from_date,
    lead(from_date) OVER by_person AS to_date
FROM dated
WINDOW by_person AS (PARTITION BY person_id ORDER BY from_date)
