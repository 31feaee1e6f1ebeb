-- Residents of each municipality by sex, numbered by birth date, with the spells they live there. Of many residents one
-- in so many, that about 10,000 spells are left: enough for one of about the same age.
WITH shares AS (
    SELECT
        municipality,
        CAST(greatest(1, count(*) // 10000) AS UBIGINT) AS one_in
    FROM residence_spells
    GROUP BY municipality
),

chosen AS MATERIALIZED (
    SELECT s.*
    FROM residence_spells AS s
    INNER JOIN shares AS n ON n.municipality = s.municipality AND hash(s.person_id) % n.one_in = 0
),

lived AS (
    SELECT
        s.person_id,
        s.municipality,
        p.sex,
        p.birth_date,
        s.from_date,
        coalesce(s.to_date, DATE '9999-12-31') AS to_date
    FROM chosen AS s
    INNER JOIN persons AS p ON p.person_id = s.person_id
    INNER JOIN (SELECT DISTINCT origin, sex FROM unknown) AS u ON u.origin = s.municipality AND u.sex = p.sex
)

SELECT
    *,
    row_number() OVER (PARTITION BY municipality, sex ORDER BY birth_date, person_id, from_date) AS place,
    count(*) OVER (PARTITION BY municipality, sex) AS places
FROM lived
