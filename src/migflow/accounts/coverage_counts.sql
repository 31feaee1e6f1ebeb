-- Persons on each 1 January by where they are registered and where they usually live, _Z where nowhere.
WITH days AS (
    SELECT year FROM accounting_years
    UNION ALL
    SELECT max(year) + 1 FROM accounting_years
),

-- Spells with the years on whose 1 January each holds. born_year: the year less the age on its 1 January.
registered AS (
    SELECT
        s.person_id,
        s.municipality,
        p.sex,
        extract(YEAR FROM p.birth_date - INTERVAL 1 DAY) + 1 AS born_year,
        greatest(extract(YEAR FROM s.from_date) + 1, (SELECT min(year) FROM days)) AS first_year,
        least(extract(YEAR FROM coalesce(s.to_date, DATE '9999-12-31')), (SELECT max(year) FROM days)) AS last_year
    FROM residence_spells AS s
    INNER JOIN persons AS p ON p.person_id = s.person_id
),

resident AS (
    SELECT
        s.person_id,
        s.municipality,
        p.sex,
        extract(YEAR FROM p.birth_date - INTERVAL 1 DAY) + 1 AS born_year,
        greatest(extract(YEAR FROM s.from_date) + 1, (SELECT min(year) FROM days)) AS first_year,
        least(extract(YEAR FROM coalesce(s.to_date, DATE '9999-12-31')), (SELECT max(year) FROM days)) AS last_year
    FROM usual_residence AS s
    INNER JOIN persons AS p ON p.person_id = s.person_id
),

in_both AS (
    SELECT
        r.municipality AS registered_in,
        u.municipality AS resident_in,
        r.sex,
        r.born_year,
        greatest(r.first_year, u.first_year) AS first_year,
        least(r.last_year, u.last_year) AS last_year,
        count(*) AS persons
    FROM registered AS r
    INNER JOIN resident AS u
        ON u.person_id = r.person_id AND u.first_year <= r.last_year AND u.last_year >= r.first_year
    GROUP BY ALL
),

-- Who is in one population only: all who are in it, less those who are in both.
counted AS (
    SELECT
        registered_in,
        resident_in,
        sex,
        born_year,
        first_year,
        last_year,
        persons
    FROM in_both
    UNION ALL
    SELECT
        registered_in,
        '_Z',
        sex,
        born_year,
        first_year,
        last_year,
        -persons
    FROM in_both
    UNION ALL
    SELECT
        '_Z',
        resident_in,
        sex,
        born_year,
        first_year,
        last_year,
        -persons
    FROM in_both
    UNION ALL
    SELECT
        municipality,
        '_Z',
        sex,
        born_year,
        first_year,
        last_year,
        count(*)
    FROM registered
    GROUP BY municipality, sex, born_year, first_year, last_year
    UNION ALL
    SELECT
        '_Z',
        municipality,
        sex,
        born_year,
        first_year,
        last_year,
        count(*)
    FROM resident
    GROUP BY municipality, sex, born_year, first_year, last_year
),

aged AS (
    SELECT
        d.year,
        c.registered_in,
        c.resident_in,
        c.sex,
        d.year - c.born_year AS age,
        c.persons
    FROM counted AS c
    INNER JOIN days AS d ON d.year BETWEEN c.first_year AND c.last_year
)

SELECT
    year,
    registered_in,
    resident_in,
    sex,
    CASE
        WHEN age < 5 THEN 'Y_LT5'
        WHEN age >= 85 THEN 'Y_GE85'
        ELSE 'Y' || CAST(age - age % 5 AS VARCHAR) || 'T' || CAST(age - age % 5 + 4 AS VARCHAR)
    END AS age_group,
    CAST(sum(persons) AS BIGINT) AS obs_value
FROM aged
GROUP BY ALL
HAVING sum(persons) <> 0
