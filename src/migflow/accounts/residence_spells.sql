-- Spells from the statements that count. The rules R7 to R10 are those of docs/methods.md.
WITH ordered AS (
    SELECT
        *,
        lag(municipality) OVER by_person AS municipality_before,
        lag(statement_number) OVER by_person IS NULL AS is_first,
        lag(settlement_id) OVER by_person AS settlement_before,
        lag(building_id) OVER by_person AS building_before,
        lag(address_id) OVER by_person AS address_before,
        lag(statement_date) OVER by_person AS date_before
    FROM residence_statements
    WHERE outcome = 'counts'
    WINDOW by_person AS (PARTITION BY person_id ORDER BY statement_number)
),

entered AS (
    -- R8: the last day before this statement on which the person entered the country or the account.
    SELECT
        *,
        max(CASE
            WHEN municipality_before IS NULL OR (kind = 'arrival' AND country IS NOT NULL) THEN statement_date
        END) OVER (
            PARTITION BY person_id ORDER BY statement_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS entered_on
    FROM ordered
),

compared AS (
    SELECT
        *,
        municipality_before IS NOT NULL AND kind = 'arrival' AND country IS NOT NULL
        AND entered_on < statement_date - INTERVAL 12 MONTH AS is_reentry,
        -- R7: a change of address repeats the statement before it if both name one dwelling, or agree within 60 days.
        coalesce(
            address_id = address_before
            OR (
                date_before >= statement_date - INTERVAL 60 DAY
                AND coalesce(settlement_id = settlement_before, TRUE)
                AND coalesce(building_id = building_before, TRUE)
                AND coalesce(address_id = address_before, TRUE)
            ),
            FALSE
        ) AS is_repeated
    FROM entered
),

runs AS (
    SELECT
        *,
        sum(CASE
            WHEN is_first OR municipality IS DISTINCT FROM municipality_before OR is_reentry THEN 1
            WHEN kind = 'change_of_address' AND NOT is_repeated THEN 1
            ELSE 0
        END) OVER (PARTITION BY person_id ORDER BY statement_number) AS run
    FROM compared
),

-- R7: inside a municipality a new spell begins where settlement or building are known and differ.
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
    -- R9: the stay begins with its first statement; its address is the finest that any of its statements knows.
    SELECT
        person_id,
        stay,
        min(municipality) AS municipality,
        min(settlement_id) AS settlement_id,
        min(building_id) AS building_id,
        min_by(address_id, statement_number) FILTER (WHERE address_id IS NOT NULL) AS address_id,
        min(statement_date) AS from_date,
        min_by(kind, statement_number) AS first_kind,
        coalesce(min_by(kind, statement_number) FILTER (WHERE kind <> 'departure'), 'departure') AS basis,
        min_by(country, statement_number) FILTER (WHERE country IS NOT NULL AND kind = 'arrival') AS origin_country,
        min_by(country, statement_number) FILTER (WHERE country IS NOT NULL AND kind = 'departure')
            AS destination_country,
        bool_or(is_reentry) AS is_reentry
    FROM grouped
    GROUP BY person_id, stay
),

neighbours AS (
    SELECT
        *,
        lag(stay) OVER by_person IS NOT NULL AS follows,
        lag(municipality) OVER by_person IS NOT NULL AND NOT is_reentry AS follows_inside,
        lag(destination_country) OVER by_person AS country_before,
        lead(from_date) OVER by_person AS next_date,
        lead(first_kind) OVER by_person AS next_kind,
        lead(municipality) OVER by_person AS next_municipality,
        lead(is_reentry) OVER by_person AS next_is_reentry,
        lead(destination_country) OVER by_person AS next_country
    FROM stays
    WINDOW by_person AS (PARTITION BY person_id ORDER BY stay)
),

spells AS (
    SELECT
        person_id,
        municipality,
        settlement_id,
        building_id,
        address_id,
        from_date,
        -- R10: who dies on the day of birth has lived there one day.
        greatest(next_date, from_date + 1) AS to_date,
        CASE
            WHEN from_date < CAST($first_day AS DATE) THEN 'start_of_records'
            WHEN follows_inside THEN 'internal'
            WHEN first_kind = 'birth' THEN 'birth'
            WHEN follows OR origin_country IS NOT NULL THEN 'immigration'
            ELSE 'adjustment'
        END AS entry_reason,
        CASE
            WHEN next_kind IS NULL THEN NULL
            WHEN next_kind = 'death' THEN 'death'
            WHEN next_is_reentry OR next_kind = 'vanished' THEN 'adjustment'
            WHEN next_municipality IS NOT NULL THEN 'internal'
            ELSE 'emigration'
        END AS exit_reason,
        coalesce(origin_country, country_before, 'XX') AS origin_country,
        next_country AS destination_country,
        basis
    FROM neighbours
    WHERE municipality IS NOT NULL AND (next_date IS NULL OR next_date >= CAST($first_day AS DATE))
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
