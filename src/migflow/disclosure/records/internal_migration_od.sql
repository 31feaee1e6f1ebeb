-- Moves between municipalities, and residents of two consecutive 1 Januaries in another municipality on the second.
WITH held AS (
    SELECT
        person_id,
        spell_number,
        municipality,
        greatest(extract(YEAR FROM from_date) + 1, (SELECT min(year) FROM accounting_years)) AS first_year,
        least(extract(YEAR FROM coalesce(to_date, DATE '9999-12-31')), (SELECT max(year) + 1 FROM accounting_years))
            AS last_year
    FROM residence_spells
),

movers AS (
    SELECT
        b.person_id,
        b.municipality AS origin,
        e.municipality AS destination,
        unnest(generate_series(
            greatest(b.first_year, e.first_year - 1), least(b.last_year, e.last_year - 1)
        )) AS year
    FROM held AS b
    INNER JOIN held AS e
        ON e.person_id = b.person_id AND e.spell_number > b.spell_number AND e.municipality <> b.municipality
),

crossed AS (
    SELECT
        'movers' AS indicator,
        year,
        person_id,
        origin,
        destination,
        make_date(CAST(year AS INTEGER), 1, 1) AS day
    FROM movers
    UNION ALL
    SELECT
        'moves',
        y.year,
        m.person_id,
        m.origin,
        m.destination,
        m.move_date
    FROM moves AS m
    INNER JOIN accounting_years AS y ON m.move_date >= y.from_day AND m.move_date < y.to_day
    WHERE m.move_type = 'between_municipalities'
),

aged AS (
    SELECT
        c.*,
        p.sex,
        extract(YEAR FROM c.day) - extract(YEAR FROM p.birth_date)
        - CASE
            WHEN
                extract(MONTH FROM c.day) * 100 + extract(DAY FROM c.day)
                < extract(MONTH FROM p.birth_date) * 100 + extract(DAY FROM p.birth_date) THEN 1
            ELSE 0
        END AS age
    FROM crossed AS c
    INNER JOIN persons AS p ON p.person_id = c.person_id
)

SELECT
    year AS time_period,
    origin,
    destination,
    sex,
    CASE
        WHEN age < 5 THEN 'Y_LT5'
        WHEN age >= 85 THEN 'Y_GE85'
        ELSE 'Y' || CAST(age - age % 5 AS VARCHAR) || 'T' || CAST(age - age % 5 + 4 AS VARCHAR)
    END AS age_group,
    indicator,
    person_id
FROM aged
