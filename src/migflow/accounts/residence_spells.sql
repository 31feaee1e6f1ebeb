-- Spells from the statements that count. The rules R3 and R8 to R11 are those of docs/methods.md.
WITH ordered AS (
    SELECT
        *,
        lag(municipality) OVER by_person AS municipality_before,
        lag(settlement_id) OVER by_person AS settlement_before,
        lag(building_id) OVER by_person AS building_before,
        lag(address_id) OVER by_person AS address_before,
        lag(statement_date) OVER by_person AS date_before,
        lag(kind) OVER by_person AS kind_before
    FROM residence_statements
    WHERE outcome = 'counts'
    WINDOW by_person AS (PARTITION BY person_id ORDER BY statement_number)
),

compared AS (
    -- R8: a change of address repeats the statement before it if both name one dwelling, or agree within 60 days.
    SELECT
        *,
        coalesce(
            address_id = address_before
            OR (
                kind_before <> 'previous'
                AND date_before >= statement_date - INTERVAL 60 DAY
                AND coalesce(settlement_id = settlement_before, TRUE)
                AND coalesce(building_id = building_before, TRUE)
                AND coalesce(address_id = address_before, TRUE)
            ),
            FALSE
        ) AS is_repeated
    FROM ordered
),

runs AS (
    SELECT
        *,
        sum(CASE
            WHEN kind_before IS NULL OR municipality IS DISTINCT FROM municipality_before THEN 1
            WHEN kind = 'change_of_address' AND NOT is_repeated THEN 1
            ELSE 0
        END) OVER (PARTITION BY person_id ORDER BY statement_number) AS run
    FROM compared
),

-- R9: inside a municipality a new spell begins where settlement or building are known and differ.
in_settlement AS (
    SELECT
        *,
        last_value(settlement_id IGNORE NULLS) OVER (
            PARTITION BY person_id, run ORDER BY statement_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS settlement_known,
        lag(run) OVER (PARTITION BY person_id ORDER BY statement_number) AS run_before
    FROM runs
),

legs AS (
    SELECT
        *,
        sum(CASE WHEN run IS DISTINCT FROM run_before OR settlement_id <> settlement_known THEN 1 ELSE 0 END) OVER (
            PARTITION BY person_id ORDER BY statement_number
        ) AS leg
    FROM in_settlement
),

in_building AS (
    SELECT
        *,
        last_value(building_id IGNORE NULLS) OVER (
            PARTITION BY person_id, leg ORDER BY statement_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS building_known,
        lag(leg) OVER (PARTITION BY person_id ORDER BY statement_number) AS leg_before
    FROM legs
),

grouped AS (
    SELECT
        *,
        sum(CASE WHEN leg IS DISTINCT FROM leg_before OR building_id <> building_known THEN 1 ELSE 0 END) OVER (
            PARTITION BY person_id ORDER BY statement_number
        ) AS stay
    FROM in_building
),

stays AS (
    -- R10: the stay begins with its first statement; its address is the finest that any of its statements knows.
    SELECT
        person_id,
        stay,
        min(municipality) AS municipality,
        min(settlement_id) AS settlement_id,
        min(building_id) AS building_id,
        min_by(address_id, statement_number) FILTER (WHERE address_id IS NOT NULL) AS address_id,
        min(statement_date) AS from_date,
        min_by(kind, statement_number) AS first_kind,
        bool_and(kind = 'registry') AS is_only_registered,
        coalesce(min_by(kind, statement_number) FILTER (WHERE kind <> 'departure'), 'departure') AS basis,
        coalesce(
            min_by(country, statement_number) FILTER (WHERE country IS NOT NULL AND kind = 'arrival'),
            min_by(country, statement_number) FILTER (WHERE country IS NOT NULL AND kind = 'registry')
        ) AS origin_country,
        min_by(country, statement_number) FILTER (WHERE country IS NOT NULL AND kind = 'departure')
            AS destination_country
    FROM grouped
    GROUP BY person_id, stay
),

neighbours AS (
    SELECT
        *,
        lag(stay) OVER by_person IS NOT NULL AS follows,
        lag(municipality) OVER by_person IS NOT NULL AS follows_inside,
        lag(destination_country) OVER by_person AS country_before,
        lead(from_date) OVER by_person AS next_date,
        lead(first_kind) OVER by_person AS next_kind,
        lead(municipality) OVER by_person AS next_municipality,
        lead(destination_country) OVER by_person AS next_country
    FROM stays
    WINDOW by_person AS (PARTITION BY person_id ORDER BY stay)
),

-- R3: a registration older than the period, contradicted by the first declaration after it, was wrong from the start.
stale AS (
    SELECT
        *,
        is_only_registered AND from_date < CAST($first_day AS DATE)
        AND coalesce(next_kind = 'previous', FALSE) AND next_municipality IS NOT NULL AS is_stale
    FROM neighbours
),

corrected AS (
    SELECT
        * EXCLUDE (from_date),
        CASE
            WHEN lag(is_stale) OVER (PARTITION BY person_id ORDER BY stay) THEN CAST($first_day AS DATE) - 1
            ELSE from_date
        END AS from_date
    FROM stale
),

spells AS (
    SELECT
        person_id,
        municipality,
        settlement_id,
        building_id,
        address_id,
        from_date,
        -- R11: who dies on the day of birth has lived there one day.
        greatest(next_date, from_date + 1) AS to_date,
        CASE
            WHEN from_date < CAST($first_day AS DATE) THEN 'start_of_records'
            WHEN follows_inside AND first_kind = 'previous' THEN 'adjustment'
            WHEN follows_inside THEN 'internal'
            WHEN first_kind = 'birth' THEN 'birth'
            WHEN follows OR origin_country IS NOT NULL THEN 'immigration'
            ELSE 'adjustment'
        END AS entry_reason,
        CASE
            WHEN next_kind IS NULL THEN NULL
            WHEN next_kind = 'death' THEN 'death'
            WHEN next_kind IN ('previous', 'vanished') THEN 'adjustment'
            WHEN next_municipality IS NOT NULL THEN 'internal'
            ELSE 'emigration'
        END AS exit_reason,
        coalesce(origin_country, country_before, 'XX') AS origin_country,
        next_country AS destination_country,
        basis
    FROM corrected
    WHERE municipality IS NOT NULL AND NOT is_stale AND (next_date IS NULL OR next_date >= CAST($first_day AS DATE))
)

SELECT
    person_id,
    CAST(row_number() OVER (PARTITION BY person_id ORDER BY from_date) AS INTEGER) AS spell_number,
    municipality,
    settlement_id,
    building_id,
    address_id,
    from_date,
    CASE WHEN exit_reason IS NOT NULL THEN to_date END AS to_date,
    entry_reason,
    exit_reason,
    CASE WHEN entry_reason = 'immigration' THEN origin_country END AS origin_country,
    CASE WHEN exit_reason = 'emigration' THEN destination_country END AS destination_country,
    basis
FROM spells
