-- All statements in the order in which they are read, and which of them count. The rules R2, R3, R6 and R7 are those of
-- docs/methods.md.
WITH statements AS (
    SELECT
        person_id,
        source,
        record_id,
        kind,
        statement_date,
        municipality,
        settlement_id,
        building_id,
        address_id,
        country,
        declared_at,
        destination
    FROM declared_residence
    UNION ALL
    SELECT
        person_id,
        source,
        record_id,
        kind,
        statement_date,
        municipality,
        settlement_id,
        building_id,
        address_id,
        country,
        NULL,
        NULL
    FROM registered_residence
),

deaths AS (
    SELECT
        person_id,
        statement_date AS death_date
    FROM registered_residence
    WHERE kind = 'death'
),

numbered AS (
    -- R6: on one day birth, then arrivals (from abroad first) and changes of address (the finer address first), then
    -- departures, then the registry.
    SELECT
        s.*,
        d.death_date,
        CAST(row_number() OVER (
            PARTITION BY s.person_id
            ORDER BY
                s.statement_date,
                CASE s.kind
                    WHEN 'birth' THEN 1 WHEN 'arrival' THEN 2 WHEN 'change_of_address' THEN 2
                    WHEN 'departure' THEN 3 WHEN 'registry' THEN 4 ELSE 5
                END,
                CASE WHEN s.kind = 'arrival' AND s.country IS NOT NULL THEN 1 ELSE 2 END,
                CASE
                    WHEN s.address_id IS NOT NULL THEN 1 WHEN s.building_id IS NOT NULL THEN 2
                    WHEN s.settlement_id IS NOT NULL THEN 3 ELSE 4
                END,
                s.record_id
        ) AS INTEGER) AS statement_number
    FROM statements AS s
    LEFT JOIN deaths AS d ON d.person_id = s.person_id
    WHERE
        s.statement_date < CAST($as_of AS DATE)
        AND (d.death_date IS NULL OR d.death_date >= CAST($first_day AS DATE))
),

compared AS (
    SELECT
        *,
        first_value(coalesce(municipality, country, '')) OVER (
            PARTITION BY person_id, statement_date ORDER BY statement_number
        ) AS place_of_day,
        first_value(settlement_id IGNORE NULLS) OVER (
            PARTITION BY person_id, statement_date, municipality ORDER BY statement_number
        ) AS settlement_of_day,
        first_value(building_id IGNORE NULLS) OVER (
            PARTITION BY person_id, statement_date, settlement_id ORDER BY statement_number
        ) AS building_of_day,
        first_value(address_id IGNORE NULLS) OVER (
            PARTITION BY person_id, statement_date, building_id ORDER BY statement_number
        ) AS address_of_day,
        max(declared_on) OVER (PARTITION BY person_id ORDER BY statement_date) AS last_declared,
        max(declared_on) OVER (PARTITION BY person_id, municipality ORDER BY statement_date) AS last_declared_here,
        max(declared_on) OVER (PARTITION BY person_id, building_id ORDER BY statement_date) AS last_declared_in_building,
        last_value(municipality_said IGNORE NULLS) OVER earlier AS municipality_before,
        first_value(municipality_said IGNORE NULLS) OVER later AS municipality_after,
        first_value(CASE WHEN municipality_said IS NOT NULL THEN statement_date END IGNORE NULLS) OVER later
            AS date_after
    FROM (
        SELECT
            *,
            CASE WHEN kind IN ('arrival', 'change_of_address', 'departure') THEN statement_date END AS declared_on,
            CASE WHEN kind <> 'previous' THEN municipality END AS municipality_said
        FROM numbered
    ) AS said
    WINDOW
        earlier AS (
            PARTITION BY person_id ORDER BY statement_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ),
        later AS (
            PARTITION BY person_id ORDER BY statement_number ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        )
),

judged AS (
    SELECT
        *,
        CASE
            WHEN statement_date > death_date THEN 'after_death'
            WHEN statement_date = death_date AND kind NOT IN ('birth', 'death') THEN 'after_death'
            WHEN kind IN ('death', 'vanished') THEN 'counts'
            -- R2: a departure to nowhere known says less than an arrival before it or within the 12 months after it.
            WHEN
                kind = 'departure' AND municipality IS NULL AND country IS NULL
                AND (
                    municipality_before <> declared_at
                    OR (municipality_after <> declared_at AND date_after < statement_date + INTERVAL 12 MONTH)
                )
                THEN 'completed'
            WHEN
                coalesce(municipality, country, '') <> place_of_day
                OR settlement_id <> settlement_of_day OR building_id <> building_of_day OR address_id <> address_of_day
                THEN 'contradicted'
            -- R7: the registry repeats a declaration of the last 24 months that a newer declaration has superseded.
            WHEN
                kind = 'registry' AND last_declared > last_declared_here
                AND last_declared_here >= statement_date - INTERVAL 24 MONTH
                THEN 'late_entry'
            WHEN
                kind = 'registry' AND building_id IS NOT NULL AND last_declared > last_declared_in_building
                AND last_declared_in_building >= statement_date - INTERVAL 24 MONTH
                THEN 'late_entry'
            ELSE 'counts'
        END AS outcome
    FROM compared
),

-- The place that the statements which count have reached, abroad being one place.
reached AS (
    SELECT
        *,
        CASE
            WHEN outcome = 'counts' AND kind <> 'previous' THEN coalesce(municipality, 'abroad')
        END AS place
    FROM judged
),

placed AS (
    SELECT
        *,
        last_value(place IGNORE NULLS) OVER (
            PARTITION BY person_id ORDER BY statement_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS place_before
    FROM reached
),

settled AS (
    SELECT
        *,
        max(CASE WHEN place <> coalesce(place_before, '') OR (place IS NOT NULL AND kind = 'arrival') THEN statement_date END)
            OVER (
                PARTITION BY person_id ORDER BY statement_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS place_since
    FROM placed
)

SELECT
    person_id,
    statement_number,
    statement_date,
    kind,
    municipality,
    settlement_id,
    building_id,
    address_id,
    CASE WHEN kind = 'departure' AND municipality IS NULL THEN coalesce(country, 'XX') ELSE country END AS country,
    source,
    record_id,
    -- R3: it says nothing new where the person is said to live there, or to have moved to the same destination within
    -- the 12 months before.
    CASE
        WHEN
            kind = 'previous' AND outcome = 'counts'
            AND (
                coalesce(municipality, 'abroad') = coalesce(place_before, 'abroad')
                OR (
                    place_before = coalesce(destination, 'abroad') AND place_since >= statement_date - INTERVAL 12 MONTH
                )
            )
            THEN 'known'
        ELSE outcome
    END AS outcome
FROM settled
