-- Usual residence: stays and absences count from 12 months on. The rules U1 to U4 are those of docs/methods.md.
WITH neighbours AS (
    SELECT
        *,
        lag(to_date) OVER by_person AS date_before,
        lag(exit_reason) OVER by_person AS exit_before
    FROM actual_residence
    WINDOW by_person AS (PARTITION BY person_id ORDER BY from_date)
),

-- U1: an absence that began by a known departure and lasted less than 12 months does not end usual residence.
joined AS (
    SELECT
        *,
        coalesce(
            from_date = date_before
            OR (exit_before = 'emigration' AND from_date < date_before + INTERVAL 12 MONTH),
            FALSE
        ) AS goes_on
    FROM neighbours
),

numbered AS (
    SELECT
        *,
        sum(CASE WHEN goes_on THEN 0 ELSE 1 END) OVER (PARTITION BY person_id ORDER BY from_date) AS stay
    FROM joined
),

in_municipality AS (
    SELECT
        *,
        goes_on AND coalesce(municipality = lag(municipality) OVER by_person, FALSE) AS stays_there,
        last_value(to_date) OVER whole_stay AS stay_ends,
        first_value(from_date) OVER whole_stay AS stay_begins,
        first_value(entry_reason) OVER whole_stay AS stay_entry,
        last_value(exit_reason) OVER whole_stay AS stay_exit
    FROM numbered
    WINDOW
        by_person AS (PARTITION BY person_id ORDER BY from_date),
        whole_stay AS (
            PARTITION BY person_id, stay ORDER BY from_date
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        )
),

-- U2: who came from abroad and left again within 12 months never was a usual resident; death does not undo a stay.
lasting AS (
    SELECT
        *,
        sum(CASE WHEN stays_there THEN 0 ELSE 1 END) OVER (PARTITION BY person_id ORDER BY from_date) AS spell
    FROM in_municipality
    WHERE
        stay_ends IS NULL
        OR stay_entry NOT IN ('immigration', 'adjustment')
        OR stay_exit = 'death'
        OR stay_ends >= stay_begins + INTERVAL 12 MONTH
),

spells AS (
    SELECT
        person_id,
        stay,
        spell,
        min(municipality) AS municipality,
        min(from_date) AS from_date,
        max_by(coalesce(to_date, DATE '9999-12-31'), from_date) AS to_date,
        min_by(entry_reason, from_date) AS entry_reason,
        max_by(coalesce(exit_reason, ''), from_date) AS exit_reason,
        min_by(coalesce(CAST(origin_country AS VARCHAR), ''), from_date) AS origin_country,
        max_by(coalesce(CAST(destination_country AS VARCHAR), ''), from_date) AS destination_country
    FROM lasting
    GROUP BY person_id, stay, spell
),

placed AS (
    SELECT
        *,
        coalesce(lag(stay) OVER by_person = stay, FALSE) AS follows,
        lead(from_date) OVER by_person AS next_date,
        lead(entry_reason) OVER by_person AS next_entry,
        coalesce(lead(stay) OVER by_person = stay, FALSE) AS is_followed
    FROM spells
    WINDOW by_person AS (PARTITION BY person_id ORDER BY spell)
)

SELECT
    person_id,
    CAST(row_number() OVER (PARTITION BY person_id ORDER BY spell) AS INTEGER) AS spell_number,
    municipality,
    from_date,
    CASE WHEN is_followed THEN next_date ELSE nullif(to_date, DATE '9999-12-31') END AS to_date,
    -- U1: back from a short absence in another municipality is a move inside the country.
    CASE WHEN follows AND entry_reason = 'immigration' THEN 'internal' ELSE entry_reason END AS entry_reason,
    CASE
        WHEN is_followed AND next_entry = 'immigration' THEN 'internal'
        WHEN is_followed THEN next_entry
        ELSE nullif(exit_reason, '')
    END AS exit_reason,
    CASE WHEN entry_reason = 'immigration' AND NOT follows THEN origin_country END AS origin_country,
    CASE WHEN exit_reason = 'emigration' AND NOT is_followed THEN destination_country END AS destination_country,
    -- U4: 12 months have not passed yet since an arrival or a departure.
    NOT follows AND entry_reason IN ('immigration', 'adjustment')
    AND CAST($as_of AS DATE) < from_date + INTERVAL 12 MONTH AS entry_is_provisional,
    NOT is_followed AND exit_reason = 'emigration'
    AND CAST($as_of AS DATE) < to_date + INTERVAL 12 MONTH AS exit_is_provisional
FROM placed
