-- Registered residence corrected by signs of life: who is judged absent on a 1 January is taken out, who is judged
-- here is put in. Rules S9 and S10 of docs/methods.md. Without an index registered residence stays as it is.
WITH judged AS (
    SELECT
        person_id,
        year,
        is_resident,
        lag(is_resident) OVER by_person AS was_resident,
        lead(is_resident) OVER by_person AS will_be_resident
    FROM residency_index
    WINDOW by_person AS (PARTITION BY person_id ORDER BY year)
),

begun AS (
    SELECT
        *,
        sum(CASE WHEN coalesce(was_resident, FALSE) THEN 0 ELSE 1 END) OVER (
            PARTITION BY person_id ORDER BY year
        ) AS stay
    FROM judged
    WHERE is_resident
),

runs AS (
    SELECT
        person_id,
        stay,
        min(year) AS first_year,
        max(year) AS last_year,
        bool_or(was_resident IS NULL) AS is_first,
        bool_or(will_be_resident IS NULL) AS is_last
    FROM begun
    GROUP BY person_id, stay
),

seen AS (
    SELECT
        person_id,
        year,
        min(first_day) AS first_day,
        max(last_day) AS last_day
    FROM signs_of_life
    GROUP BY person_id, year
),

arrivals AS (
    SELECT
        person_id,
        CAST(extract(YEAR FROM from_date) AS INTEGER) AS year,
        min(from_date) AS day,
        min_by(origin_country, from_date) AS country
    FROM residence_spells
    WHERE entry_reason = 'immigration'
    GROUP BY person_id, extract(YEAR FROM from_date)
),

departures AS (
    SELECT
        person_id,
        CAST(extract(YEAR FROM to_date) AS INTEGER) AS year,
        max(to_date) AS day,
        max_by(destination_country, to_date) AS country
    FROM residence_spells
    WHERE exit_reason = 'emigration'
    GROUP BY person_id, extract(YEAR FROM to_date)
),

lives AS (
    SELECT
        person_id,
        min(from_date) AS from_date,
        max(to_date) FILTER (WHERE exit_reason = 'death') AS died_on
    FROM residence_spells
    GROUP BY person_id
),

-- S9: the day is that of the event, else of the first or last sign of the year, else the middle of the year.
presences AS (
    SELECT
        r.person_id,
        r.stay,
        CASE
            WHEN r.is_first THEN l.from_date
            ELSE coalesce(a.day, f.first_day, make_date(r.first_year - 1, 7, 1))
        END AS from_date,
        CASE
            WHEN r.is_last THEN l.died_on
            ELSE coalesce(d.day, least(s.last_day + 1, make_date(r.last_year, 12, 31)), make_date(r.last_year, 7, 1))
        END AS to_date,
        r.is_first,
        r.is_last,
        coalesce(a.country, 'XX') AS origin_country,
        coalesce(d.country, 'XX') AS destination_country
    FROM runs AS r
    INNER JOIN lives AS l ON l.person_id = r.person_id
    LEFT JOIN arrivals AS a ON a.person_id = r.person_id AND a.year = r.first_year - 1
    LEFT JOIN departures AS d ON d.person_id = r.person_id AND d.year = r.last_year
    LEFT JOIN seen AS f ON f.person_id = r.person_id AND f.year = r.first_year - 1
    LEFT JOIN seen AS s ON s.person_id = r.person_id AND s.year = r.last_year
),

-- S10: the place is the registered one, also after a departure that signs contradict, but for the part of a spell, or
-- of the time after it, in which signs place the person elsewhere.
placed AS (
    SELECT
        s.person_id,
        coalesce(e.municipality, s.municipality) AS municipality,
        coalesce(e.from_date, s.from_date) AS from_date,
        CASE WHEN e.from_date > s.from_date THEN 'adjustment' ELSE s.entry_reason END AS entry_reason,
        s.origin_country
    FROM residence_spells AS s
    LEFT JOIN sign_places AS e ON e.person_id = s.person_id AND e.spell_number = s.spell_number
    UNION ALL
    SELECT
        s.person_id,
        s.municipality,
        s.from_date,
        s.entry_reason,
        s.origin_country
    FROM residence_spells AS s
    INNER JOIN sign_places AS e ON e.person_id = s.person_id AND e.spell_number = s.spell_number
    WHERE e.from_date > s.from_date
    UNION ALL
    SELECT
        s.person_id,
        s.municipality,
        e.to_date,
        'adjustment',
        NULL
    FROM residence_spells AS s
    INNER JOIN sign_places AS e ON e.person_id = s.person_id AND e.spell_number = s.spell_number
    WHERE e.to_date < coalesce(s.to_date, DATE '9999-12-31')
),

registered AS (
    SELECT
        *,
        row_number() OVER by_person = 1 AS is_first_spell,
        lead(from_date) OVER by_person AS next_date
    FROM placed
    WINDOW by_person AS (PARTITION BY person_id ORDER BY from_date)
),

pieces AS (
    SELECT
        p.person_id,
        r.municipality,
        CASE WHEN r.is_first_spell THEN p.from_date ELSE greatest(p.from_date, r.from_date) END AS from_date,
        nullif(least(
            coalesce(p.to_date, DATE '9999-12-31'), coalesce(r.next_date, DATE '9999-12-31')
        ), DATE '9999-12-31') AS to_date,
        p.from_date AS presence_from,
        p.to_date AS presence_to,
        p.is_first,
        p.is_last,
        p.origin_country AS presence_origin,
        p.destination_country AS presence_destination,
        r.entry_reason,
        r.origin_country
    FROM presences AS p
    INNER JOIN registered AS r ON r.person_id = p.person_id
    WHERE
        (r.is_first_spell OR coalesce(p.to_date, DATE '9999-12-31') > r.from_date)
        AND coalesce(r.next_date, DATE '9999-12-31') > p.from_date
),

ordered AS (
    SELECT
        *,
        lag(to_date) OVER by_person = from_date AS follows,
        lead(from_date) OVER by_person = to_date AS is_followed,
        lead(entry_reason) OVER by_person AS next_entry
    FROM pieces
    WHERE to_date IS NULL OR to_date > from_date
    WINDOW by_person AS (PARTITION BY person_id ORDER BY from_date)
),

corrected AS (
    SELECT
        person_id,
        municipality,
        from_date,
        to_date,
        CASE
            WHEN from_date > presence_from THEN CASE WHEN entry_reason = 'adjustment' THEN 'adjustment' ELSE 'internal' END
            WHEN is_first THEN entry_reason
            ELSE 'immigration'
        END AS entry_reason,
        CASE
            WHEN to_date IS NULL THEN NULL
            WHEN to_date IS DISTINCT FROM presence_to
                THEN CASE WHEN next_entry = 'adjustment' THEN 'adjustment' ELSE 'internal' END
            WHEN is_last THEN 'death'
            ELSE 'emigration'
        END AS exit_reason,
        CASE WHEN is_first THEN origin_country ELSE presence_origin END AS origin_country,
        presence_destination AS destination_country
    FROM ordered
),

untold AS (
    SELECT
        s.person_id,
        s.municipality,
        s.from_date,
        s.to_date,
        s.entry_reason,
        s.exit_reason,
        s.origin_country,
        s.destination_country
    FROM residence_spells AS s
    LEFT JOIN (SELECT DISTINCT person_id FROM residency_index) AS j ON j.person_id = s.person_id
    WHERE j.person_id IS NULL
),

known AS (
    SELECT * FROM corrected
    UNION ALL
    SELECT * FROM untold
)

SELECT
    person_id,
    CAST(row_number() OVER (PARTITION BY person_id ORDER BY from_date) AS INTEGER) AS spell_number,
    municipality,
    from_date,
    to_date,
    entry_reason,
    exit_reason,
    CASE WHEN entry_reason = 'immigration' THEN coalesce(origin_country, 'XX') END AS origin_country,
    CASE WHEN exit_reason = 'emigration' THEN coalesce(destination_country, 'XX') END AS destination_country
FROM known
