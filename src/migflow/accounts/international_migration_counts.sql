-- Immigrants and emigrants by the 12-month rule, once by each definition of age, in the cells that both tables publish.
WITH crossings AS (
    -- citizen_on: a day of the stay next to the border.
    SELECT
        person_id,
        'immigration' AS direction,
        from_date AS day,
        from_date AS citizen_on,
        origin_country AS country
    FROM usual_residence
    WHERE entry_reason = 'immigration'
    UNION ALL
    SELECT
        person_id,
        'emigration',
        to_date,
        CAST(to_date - INTERVAL 1 DAY AS DATE),
        destination_country
    FROM usual_residence
    WHERE exit_reason = 'emigration'
),

described AS (
    SELECT
        x.direction,
        y.year,
        p.sex,
        coalesce(c.citizenship, 'XX') AS citizenship,
        coalesce(x.country, 'XX') AS country,
        CAST(y.year - extract(YEAR FROM p.birth_date) AS INTEGER) AS age_reached,
        extract(MONTH FROM p.birth_date) * 100 + extract(DAY FROM p.birth_date)
        > extract(MONTH FROM x.day) * 100 + extract(DAY FROM x.day) AS is_before_birthday
    FROM crossings AS x
    INNER JOIN accounting_years AS y ON x.day >= y.from_day AND x.day < y.to_day
    INNER JOIN persons AS p ON p.person_id = x.person_id
    LEFT JOIN citizenship_spells AS c
        ON
            c.person_id = x.person_id
            AND c.from_date <= x.citizen_on
            AND (c.to_date IS NULL OR c.to_date > x.citizen_on)
),

aged AS (
    SELECT
        *,
        'REACH' AS agedef,
        age_reached AS age
    FROM described
    UNION ALL
    SELECT
        *,
        'COMPLET',
        greatest(0, age_reached - CASE WHEN is_before_birthday THEN 1 ELSE 0 END)
    FROM described
)

SELECT
    year,
    direction,
    agedef,
    CASE
        WHEN age < 5 THEN 'Y_LT5'
        WHEN age >= 85 THEN 'Y_GE85'
        ELSE 'Y' || CAST(age - age % 5 AS VARCHAR) || 'T' || CAST(age - age % 5 + 4 AS VARCHAR)
    END AS age_group,
    sex,
    citizenship,
    country,
    count(*) AS obs_value
FROM aged
GROUP BY ALL
