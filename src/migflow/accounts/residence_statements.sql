-- What each record says of where a person lives since when. The rules R1 to R6 are those of docs/methods.md.
WITH registered AS (
    -- R1: a registration counts from registered_since, or from the end of the month in which it is first seen.
    SELECT
        record_id,
        least(
            coalesce(registered_since, last_day(CAST(reference_month || '-01' AS DATE))),
            last_day(CAST(reference_month || '-01' AS DATE))
        ) AS statement_date,
        max(reference_month) AS reference_month,
        max_by(municipality, reference_month) AS municipality
    FROM civil_registry_persons
    GROUP BY 1, 2
),

registered_addresses AS (
    -- The register of addresses keeps a registered address from the first month that has it.
    SELECT
        record_id,
        municipality,
        settlement_id,
        building_id,
        address_id,
        reference_month AS from_month,
        coalesce(
            lead(reference_month) OVER (PARTITION BY record_id ORDER BY reference_month), '9999-12'
        ) AS to_month
    FROM address_links
    WHERE source = 'civil_registry_persons' AND role = 'current'
),

registry AS (
    -- A foreign citizen who enters the registry without a declaration has come from a country nobody wrote down.
    SELECT
        l.person_id,
        greatest(r.statement_date, p.birth_date) AS statement_date,
        'registry' AS kind,
        r.municipality,
        a.settlement_id,
        a.building_id,
        a.address_id,
        CASE WHEN p.citizenship NOT IN (SELECT code FROM areas WHERE level = 'country') THEN 'XX' END AS country,
        CAST(NULL AS VARCHAR) AS counter,
        'civil_registry_persons' AS source,
        r.record_id
    FROM registered AS r
    INNER JOIN person_links AS l ON l.source = 'civil_registry_persons' AND l.record_id = r.record_id
    INNER JOIN persons AS p ON p.person_id = l.person_id
    LEFT JOIN registered_addresses AS a
        ON
            a.record_id = r.record_id
            AND a.from_month <= r.reference_month
            AND a.to_month > r.reference_month
            AND a.municipality = r.municipality
),

foreign_places AS (
    -- A text that names the own country says no more than that the person did not come from abroad.
    SELECT
        place,
        municipality,
        CASE WHEN country NOT IN (SELECT code FROM areas WHERE level = 'country') THEN country END AS country
    FROM place_links
),

declared AS (
    -- R2: a declaration counts from its event_date; a departure says where the person has gone.
    SELECT
        l.person_id,
        d.event_date AS statement_date,
        d.event_type AS kind,
        CASE WHEN d.event_type = 'departure' THEN gone.municipality ELSE d.municipality END AS municipality,
        a.settlement_id,
        a.building_id,
        a.address_id,
        CASE WHEN d.event_type = 'departure' THEN gone.country ELSE came.country END AS country,
        d.municipality AS counter,
        'municipal_residence' AS source,
        d.record_id,
        CASE WHEN d.event_type = 'arrival' THEN came.municipality ELSE d.municipality END AS previous_municipality
    FROM municipal_residence AS d
    INNER JOIN person_links AS l ON l.source = 'municipal_residence' AND l.record_id = d.record_id
    INNER JOIN persons AS p ON p.person_id = l.person_id AND p.birth_date <= d.event_date
    LEFT JOIN foreign_places AS came ON came.place = d.previous_place AND d.event_type = 'arrival'
    LEFT JOIN foreign_places AS gone ON gone.place = d.next_place
    LEFT JOIN address_links AS a
        ON
            a.source = 'municipal_residence'
            AND a.record_id = d.record_id
            AND a.reference_month = d.reference_month
            AND a.role = 'current'
            AND a.municipality = d.municipality
            AND d.event_type <> 'departure'
),

previous AS (
    -- R3: a declaration also says where the person lived the day before.
    SELECT
        d.person_id,
        d.statement_date - 1 AS statement_date,
        'previous' AS kind,
        d.previous_municipality AS municipality,
        CAST(NULL AS VARCHAR) AS settlement_id,
        CAST(NULL AS VARCHAR) AS building_id,
        CAST(NULL AS VARCHAR) AS address_id,
        CASE WHEN d.kind = 'arrival' THEN d.country END AS country,
        d.municipality AS counter,
        d.source,
        d.record_id
    FROM declared AS d
    INNER JOIN persons AS p ON p.person_id = d.person_id AND p.birth_date < d.statement_date
    WHERE
        coalesce(d.previous_municipality, d.country) IS NOT NULL
        AND coalesce(d.municipality, d.country) IS NOT NULL
),

events AS (
    SELECT
        l.person_id,
        e.event_type,
        min(e.event_date) AS event_date,
        min_by(e.record_id, e.event_date) AS record_id,
        min(e.municipality) AS municipality,
        min(e.mother_personal_number) AS mother_personal_number
    FROM civil_registry_events AS e
    INNER JOIN person_links AS l ON l.source = 'civil_registry_events' AND l.record_id = e.record_id
    WHERE e.event_type IN ('birth', 'death')
    GROUP BY l.person_id, e.event_type
),

first_registered AS (
    SELECT
        person_id,
        min_by(municipality, statement_date) AS municipality,
        min(record_id) AS record_id
    FROM registry
    GROUP BY person_id
),

from_abroad AS (
    SELECT DISTINCT person_id FROM declared WHERE kind = 'arrival' AND country IS NOT NULL
),

births AS (
    -- R4: born within the period: by an act of birth, or a citizen first registered before the second birthday.
    SELECT
        p.person_id,
        p.birth_date AS statement_date,
        'birth' AS kind,
        coalesce(e.municipality, m.municipality, f.municipality) AS municipality,
        CAST(NULL AS VARCHAR) AS settlement_id,
        CAST(NULL AS VARCHAR) AS building_id,
        CAST(NULL AS VARCHAR) AS address_id,
        CAST(NULL AS VARCHAR) AS country,
        CAST(NULL AS VARCHAR) AS counter,
        CASE WHEN e.person_id IS NULL THEN 'civil_registry_persons' ELSE 'civil_registry_events' END AS source,
        coalesce(e.record_id, f.record_id) AS record_id
    FROM persons AS p
    INNER JOIN first_registered AS f ON f.person_id = p.person_id
    LEFT JOIN events AS e ON e.person_id = p.person_id AND e.event_type = 'birth'
    LEFT JOIN persons AS mother ON mother.personal_number = e.mother_personal_number
    LEFT JOIN first_registered AS m ON m.person_id = mother.person_id
    LEFT JOIN from_abroad AS i ON i.person_id = p.person_id
    WHERE
        p.birth_date >= CAST($first_day AS DATE)
        AND (
            e.person_id IS NOT NULL
            OR (
                i.person_id IS NULL
                AND p.citizenship IN (SELECT code FROM areas WHERE level = 'country')
                AND CAST(p.first_month || '-01' AS DATE) < p.birth_date + INTERVAL 2 YEAR
            )
        )
),

deaths AS (
    SELECT
        p.person_id,
        coalesce(p.death_date, e.event_date) AS death_date,
        coalesce(e.record_id, p.anchor_record_id) AS record_id,
        CASE WHEN e.person_id IS NULL THEN 'civil_registry_persons' ELSE 'civil_registry_events' END AS source
    FROM persons AS p
    LEFT JOIN events AS e ON e.person_id = p.person_id AND e.event_type = 'death'
    WHERE coalesce(p.death_date, e.event_date) IS NOT NULL
),

last_declared AS (
    SELECT
        person_id,
        max(statement_date) AS statement_date
    FROM declared
    GROUP BY person_id
),

vanished AS (
    -- R5: gone from the registry without a death: the day after the last snapshot or declaration that knows the person.
    SELECT
        p.person_id,
        greatest(
            last_day(CAST(p.last_month || '-01' AS DATE)) + 1,
            coalesce(d.statement_date + 1, DATE '1000-01-01')
        ) AS statement_date,
        p.anchor_record_id AS record_id
    FROM persons AS p
    LEFT JOIN deaths AS x ON x.person_id = p.person_id
    LEFT JOIN last_declared AS d ON d.person_id = p.person_id
    WHERE x.person_id IS NULL AND p.last_month < (SELECT max(last_month) FROM persons)
),

statements AS (
    SELECT * FROM registry
    UNION ALL
    SELECT * EXCLUDE (previous_municipality) FROM declared
    UNION ALL
    SELECT * FROM previous
    UNION ALL
    SELECT * FROM births
    UNION ALL
    SELECT
        person_id,
        death_date,
        'death',
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        source,
        record_id
    FROM deaths
    UNION ALL
    SELECT
        person_id,
        statement_date,
        'vanished',
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        'civil_registry_persons',
        record_id
    FROM vanished
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
                    municipality_before <> counter
                    OR (municipality_after <> counter AND date_after < statement_date + INTERVAL 12 MONTH)
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
                    place_before = coalesce(counter, 'abroad') AND place_since >= statement_date - INTERVAL 12 MONTH
                )
            )
            THEN 'known'
        ELSE outcome
    END AS outcome
FROM settled
