-- Moves inside the country, and residents of two consecutive 1 Januaries by where they lived on each, in the finest
-- cells that the statistics of internal migration are summed from.
WITH described AS (
    -- born_year: the year less the age on its 1 January.
    SELECT
        s.person_id,
        s.spell_number,
        s.municipality,
        s.from_date,
        coalesce(s.to_date, DATE '9999-12-31') AS to_date,
        p.sex,
        extract(YEAR FROM p.birth_date - INTERVAL 1 DAY) + 1 AS born_year
    FROM residence_spells AS s
    INNER JOIN persons AS p ON p.person_id = s.person_id
),

held AS (
    -- Pairs of spells of one person and the years in which both hold, with one citizenship at the start: counted
    -- before the years multiply the rows.
    SELECT
        b.municipality AS origin,
        e.municipality AS destination,
        b.sex,
        b.born_year,
        coalesce(c.citizenship, 'XX') AS citizenship,
        greatest(
            extract(YEAR FROM b.from_date) + 1,
            extract(YEAR FROM e.from_date),
            coalesce(extract(YEAR FROM c.from_date) + 1, 0),
            (SELECT min(year) FROM accounting_years)
        ) AS first_year,
        least(
            extract(YEAR FROM b.to_date),
            extract(YEAR FROM e.to_date) - 1,
            extract(YEAR FROM coalesce(c.to_date, DATE '9999-12-31')),
            (SELECT max(year) FROM accounting_years)
        ) AS last_year,
        count(*) AS persons
    FROM described AS b
    INNER JOIN described AS e ON e.person_id = b.person_id AND e.spell_number >= b.spell_number
    LEFT JOIN citizenship_spells AS c
        ON
            c.person_id = b.person_id
            AND c.from_date < b.to_date
            AND coalesce(c.to_date, DATE '9999-12-31') > b.from_date
    GROUP BY ALL
),

transitions AS (
    SELECT
        y.year,
        h.origin,
        h.destination,
        h.sex,
        y.year - h.born_year AS age,
        h.citizenship,
        h.persons
    FROM held AS h
    INNER JOIN accounting_years AS y ON y.year BETWEEN h.first_year AND h.last_year
),

moved AS (
    SELECT
        y.year,
        m.move_type,
        m.origin,
        m.destination,
        coalesce(o.kind, CASE WHEN m.origin_settlement_id IS NOT NULL THEN $other_settlements END) AS kind_left,
        coalesce(d.kind, CASE WHEN m.destination_settlement_id IS NOT NULL THEN $other_settlements END)
            AS kind_entered,
        p.sex,
        extract(YEAR FROM m.move_date) - extract(YEAR FROM p.birth_date)
        - CASE
            WHEN
                extract(MONTH FROM m.move_date) * 100 + extract(DAY FROM m.move_date)
                < extract(MONTH FROM p.birth_date) * 100 + extract(DAY FROM p.birth_date) THEN 1
            ELSE 0
        END AS age,
        coalesce(c.citizenship, 'XX') AS citizenship
    FROM moves AS m
    INNER JOIN accounting_years AS y ON m.move_date >= y.from_day AND m.move_date < y.to_day
    INNER JOIN persons AS p ON p.person_id = m.person_id
    LEFT JOIN citizenship_spells AS c
        ON c.person_id = m.person_id AND c.from_date < m.move_date AND (c.to_date IS NULL OR c.to_date >= m.move_date)
    LEFT JOIN settlement_kinds AS o ON o.settlement_id = m.origin_settlement_id
    LEFT JOIN settlement_kinds AS d ON d.settlement_id = m.destination_settlement_id
    WHERE m.move_type IN ('within_settlement', 'within_municipality', 'between_municipalities')
)

SELECT
    year,
    'transitions' AS indicator,
    '_Z' AS move_type,
    origin,
    destination,
    '_Z' AS urban_rural,
    sex,
    CAST(least(100, age) AS INTEGER) AS age,
    citizenship,
    CAST(sum(persons) AS BIGINT) AS obs_value
FROM transitions
GROUP BY ALL
UNION ALL
SELECT
    year,
    'moves',
    move_type,
    origin,
    destination,
    coalesce(kind_left || '_' || kind_entered, 'unknown'),
    sex,
    CAST(least(100, age) AS INTEGER),
    citizenship,
    count(*)
FROM moved
GROUP BY ALL
