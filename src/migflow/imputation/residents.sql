-- Residents of each municipality by sex, numbered by birth date, with the spells they live there.
SELECT
    s.person_id,
    s.municipality,
    p.sex,
    p.birth_date,
    s.from_date,
    coalesce(s.to_date, DATE '9999-12-31') AS to_date,
    row_number() OVER (PARTITION BY s.municipality, p.sex ORDER BY p.birth_date, s.person_id, s.from_date) AS place,
    count(*) OVER (PARTITION BY s.municipality, p.sex) AS places
FROM residence_spells AS s
INNER JOIN persons AS p ON p.person_id = s.person_id
INNER JOIN (SELECT DISTINCT origin, sex FROM unknown) AS u ON u.origin = s.municipality AND u.sex = p.sex
