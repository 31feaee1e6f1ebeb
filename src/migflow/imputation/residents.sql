-- Residents of each municipality by sex, numbered by birth date, with the spells they live there.
WITH lived AS (
    SELECT
        s.person_id,
        s.municipality,
        p.sex,
        p.birth_date,
        s.from_date,
        coalesce(s.to_date, DATE '9999-12-31') AS to_date
    FROM residence_spells AS s
    INNER JOIN persons AS p ON p.person_id = s.person_id
    INNER JOIN (SELECT DISTINCT origin, sex FROM unknown) AS u ON u.origin = s.municipality AND u.sex = p.sex
)

SELECT
    l.*,
    row_number() OVER (PARTITION BY l.municipality, l.sex ORDER BY l.birth_date, l.person_id, l.from_date) AS place,
    n.places
FROM lived AS l
INNER JOIN (SELECT municipality, sex, count(*) AS places FROM lived GROUP BY ALL) AS n
    ON n.municipality = l.municipality AND n.sex = l.sex
