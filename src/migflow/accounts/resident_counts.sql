-- Residents at midnight before 1 January: who lived there on 31 December and had not left by the end of that day.
WITH days AS (
    SELECT year FROM accounting_years
    UNION ALL
    SELECT max(year) + 1 FROM accounting_years
),

held AS (
    -- Spells cut where citizenship changes, and the years on whose 1 January each holds: counted before the years
    -- multiply the rows. born_year: the year less the age on its 1 January.
    SELECT
        s.municipality,
        p.sex,
        extract(YEAR FROM p.birth_date - INTERVAL 1 DAY) + 1 AS born_year,
        coalesce(c.citizenship, 'XX') AS citizenship,
        greatest(
            extract(YEAR FROM greatest(s.from_date, coalesce(c.from_date, s.from_date))) + 1,
            (SELECT min(year) FROM days)
        ) AS first_year,
        least(
            extract(YEAR FROM least(coalesce(s.to_date, DATE '9999-12-31'), coalesce(c.to_date, DATE '9999-12-31'))),
            (SELECT max(year) FROM days)
        ) AS last_year,
        count(*) AS persons
    FROM residence_spells AS s
    INNER JOIN persons AS p ON p.person_id = s.person_id
    LEFT JOIN citizenship_spells AS c
        ON
            c.person_id = s.person_id
            AND c.from_date < coalesce(s.to_date, DATE '9999-12-31')
            AND coalesce(c.to_date, DATE '9999-12-31') > s.from_date
    GROUP BY ALL
)

SELECT
    CAST(d.year AS INTEGER) AS year,
    h.municipality,
    CAST(least(100, d.year - h.born_year) AS INTEGER) AS age,
    h.sex,
    h.citizenship,
    CAST(sum(h.persons) AS BIGINT) AS obs_value
FROM held AS h
INNER JOIN days AS d ON d.year BETWEEN h.first_year AND h.last_year
GROUP BY ALL
