-- What shows that a person was in the country in a year: activity in other registers, declarations, acts. Rule S1.
WITH records AS (
    SELECT
        record_id,
        max(regexp_replace(personal_number, '[\s./-]', '', 'g')) AS number,
        max(birth_date) AS birth_date
    FROM civil_registry_persons
    WHERE personal_number IS NOT NULL
    GROUP BY record_id
),

numbers AS (
    SELECT DISTINCT
        l.person_id,
        r.number,
        r.birth_date
    FROM records AS r
    INNER JOIN person_links AS l ON l.source = 'civil_registry_persons' AND l.record_id = r.record_id
),

-- S1: a number alone is not enough; two of the three parts of the birth date must agree.
active AS (
    SELECT
        min(n.person_id) AS person_id,
        min(a.activity) AS sign,
        min(a.municipality) AS municipality,
        min(a.first_day) AS first_day,
        min(a.last_day) AS last_day
    FROM administrative_activity AS a
    INNER JOIN numbers AS n ON n.number = regexp_replace(a.personal_number, '[\s./-]', '', 'g')
    WHERE
        CASE WHEN extract(YEAR FROM a.birth_date) = extract(YEAR FROM n.birth_date) THEN 1 ELSE 0 END
        + CASE WHEN extract(MONTH FROM a.birth_date) = extract(MONTH FROM n.birth_date) THEN 1 ELSE 0 END
        + CASE WHEN extract(DAY FROM a.birth_date) = extract(DAY FROM n.birth_date) THEN 1 ELSE 0 END >= 2
    GROUP BY a.reference_month, a.record_id
),

declared AS (
    SELECT
        l.person_id,
        'declaration' AS sign,
        m.municipality,
        m.event_date AS first_day,
        m.event_date AS last_day
    FROM municipal_residence AS m
    INNER JOIN person_links AS l ON l.source = 'municipal_residence' AND l.record_id = m.record_id
    WHERE l.person_id IS NOT NULL
),

acts AS (
    SELECT
        l.person_id,
        'act' AS sign,
        e.municipality,
        e.event_date AS first_day,
        e.event_date AS last_day
    FROM civil_registry_events AS e
    INNER JOIN person_links AS l ON l.source = 'civil_registry_events' AND l.record_id = e.record_id
    WHERE l.person_id IS NOT NULL
    UNION ALL
    SELECT
        n.person_id,
        'act',
        e.municipality,
        e.event_date,
        e.event_date
    FROM civil_registry_events AS e
    INNER JOIN numbers AS n ON n.number = regexp_replace(e.mother_personal_number, '[\s./-]', '', 'g')
    WHERE e.event_type = 'birth'
),

signs AS (
    SELECT * FROM active
    UNION ALL
    SELECT * FROM declared
    UNION ALL
    SELECT * FROM acts
)

SELECT
    person_id,
    CAST(extract(YEAR FROM last_day) AS INTEGER) AS year,
    sign,
    max_by(municipality, CAST(last_day AS VARCHAR) || coalesce(municipality, '')) AS municipality,
    min(first_day) AS first_day,
    max(last_day) AS last_day
FROM signs
WHERE last_day < CAST($as_of AS DATE)
GROUP BY person_id, extract(YEAR FROM last_day), sign
