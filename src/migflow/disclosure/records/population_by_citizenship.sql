-- Residents at midnight before each 1 January in each area that they live in, with their citizenship then.
WITH held AS (
    SELECT
        s.person_id,
        s.municipality,
        coalesce(c.citizenship, 'XX') AS citizenship,
        unnest(generate_series(
            greatest(
                extract(YEAR FROM greatest(s.from_date, coalesce(c.from_date, s.from_date))) + 1,
                (SELECT min(year) FROM accounting_years)
            ),
            least(
                extract(YEAR FROM least(
                    coalesce(s.to_date, DATE '9999-12-31'), coalesce(c.to_date, DATE '9999-12-31')
                )),
                (SELECT max(year) + 1 FROM accounting_years)
            )
        )) AS year
    FROM residence_spells AS s
    LEFT JOIN citizenship_spells AS c
        ON
            c.person_id = s.person_id
            AND c.from_date < coalesce(s.to_date, DATE '9999-12-31')
            AND coalesce(c.to_date, DATE '9999-12-31') > s.from_date
)

SELECT
    h.year AS time_period,
    w.area,
    h.citizenship,
    p.sex,
    p.person_id
FROM held AS h
INNER JOIN persons AS p ON p.person_id = h.person_id
INNER JOIN wider_areas AS w ON w.code = h.municipality
