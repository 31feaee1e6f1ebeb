-- What shows that a person was in the country in a year: activity in other registers, declarations, acts. Rule S1.
-- Persons and municipalities are numbers while there are many rows of them, so that the rows stay small.
WITH coded AS (
    SELECT
        person_id,
        CAST(row_number() OVER (ORDER BY person_id) AS INTEGER) AS person
    FROM persons
),

places AS (
    SELECT
        code,
        row_number() OVER (ORDER BY code) AS place
    FROM areas
),

records AS (
    SELECT DISTINCT
        record_id,
        personal_number,
        birth_date
    FROM civil_registry_persons
    WHERE personal_number IS NOT NULL AND birth_date IS NOT NULL
),

numbers AS (
    SELECT DISTINCT
        c.person,
        regexp_replace(r.personal_number, '[\s./-]', '', 'g') AS number,
        r.birth_date
    FROM records AS r
    INNER JOIN person_links AS l ON l.source = 'civil_registry_persons' AND l.record_id = r.record_id
    INNER JOIN coded AS c ON c.person_id = l.person_id
),

-- A number that the records of two persons share stands for the first of those of like birth date.
owned AS (
    SELECT n.*
    FROM numbers AS n
    LEFT JOIN numbers AS o
        ON
            o.number = n.number AND o.person < n.person
            AND CASE WHEN extract(YEAR FROM o.birth_date) = extract(YEAR FROM n.birth_date) THEN 1 ELSE 0 END
            + CASE WHEN extract(MONTH FROM o.birth_date) = extract(MONTH FROM n.birth_date) THEN 1 ELSE 0 END
            + CASE WHEN extract(DAY FROM o.birth_date) = extract(DAY FROM n.birth_date) THEN 1 ELSE 0 END >= 2
    WHERE o.number IS NULL
),

-- S1: a number alone is not enough; two of the three parts of the birth date must agree.
active AS (
    SELECT
        n.person,
        a.activity AS sign,
        a.municipality,
        a.first_day,
        a.last_day
    FROM administrative_activity AS a
    INNER JOIN owned AS n ON n.number = regexp_replace(a.personal_number, '[\s./-]', '', 'g')
    WHERE
        CASE WHEN extract(YEAR FROM a.birth_date) = extract(YEAR FROM n.birth_date) THEN 1 ELSE 0 END
        + CASE WHEN extract(MONTH FROM a.birth_date) = extract(MONTH FROM n.birth_date) THEN 1 ELSE 0 END
        + CASE WHEN extract(DAY FROM a.birth_date) = extract(DAY FROM n.birth_date) THEN 1 ELSE 0 END >= 2
),

declared AS (
    SELECT
        c.person,
        'declaration' AS sign,
        m.municipality,
        m.event_date AS first_day,
        m.event_date AS last_day
    FROM municipal_residence AS m
    INNER JOIN person_links AS l ON l.source = 'municipal_residence' AND l.record_id = m.record_id
    INNER JOIN coded AS c ON c.person_id = l.person_id
),

acts AS (
    SELECT
        c.person,
        'act' AS sign,
        e.municipality,
        e.event_date AS first_day,
        e.event_date AS last_day
    FROM civil_registry_events AS e
    INNER JOIN person_links AS l ON l.source = 'civil_registry_events' AND l.record_id = e.record_id
    INNER JOIN coded AS c ON c.person_id = l.person_id
    UNION ALL
    SELECT
        n.person,
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
),

-- The municipality is that of the last day, of two the last by code.
shown AS (
    SELECT
        s.person,
        CAST(extract(YEAR FROM s.last_day) AS SMALLINT) AS year,
        s.sign,
        max(100000 * CAST(s.last_day - DATE '1900-01-01' AS BIGINT) + coalesce(p.place, 0)) AS last_place,
        min(s.first_day) AS first_day,
        max(s.last_day) AS last_day
    FROM signs AS s
    LEFT JOIN places AS p ON p.code = s.municipality
    WHERE s.last_day < CAST($as_of AS DATE)
    GROUP BY 1, 2, 3
)

SELECT
    c.person_id,
    CAST(s.year AS INTEGER) AS year,
    s.sign,
    p.code AS municipality,
    s.first_day,
    s.last_day
FROM shown AS s
INNER JOIN coded AS c ON c.person = s.person
LEFT JOIN places AS p ON p.place = s.last_place % 100000
