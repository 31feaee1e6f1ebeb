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

registry AS (
    SELECT
        l.person_id,
        greatest(r.statement_date, p.birth_date) AS statement_date,
        'registry' AS kind,
        r.municipality,
        a.settlement_id,
        a.building_id,
        a.address_id,
        CAST(NULL AS VARCHAR) AS country,
        CAST(NULL AS VARCHAR) AS counter,
        'civil_registry_persons' AS source,
        r.record_id
    FROM registered AS r
    INNER JOIN person_links AS l ON l.source = 'civil_registry_persons' AND l.record_id = r.record_id
    INNER JOIN persons AS p ON p.person_id = l.person_id
    LEFT JOIN address_links AS a
        ON
            a.source = 'civil_registry_persons'
            AND a.record_id = r.record_id
            AND a.reference_month = r.reference_month
            AND a.role = 'current'
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
        d.record_id
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
    -- R3: born within the period: by an act of birth, or first registered before the second birthday and not from abroad.
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
    -- R4: gone from the registry without a death: the day after the last snapshot or declaration that knows the person.
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
    SELECT * FROM declared
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
    -- R5: on one day birth, then arrivals (from abroad first) and changes of address (the finer address first), then
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
        max(CASE WHEN source = 'municipal_residence' THEN statement_date END) OVER (
            PARTITION BY person_id ORDER BY statement_date
        ) AS declared_on,
        max(CASE WHEN source = 'municipal_residence' THEN statement_date END) OVER (
            PARTITION BY person_id, municipality ORDER BY statement_date
        ) AS declared_here_on,
        max(CASE WHEN source = 'municipal_residence' THEN statement_date END) OVER (
            PARTITION BY person_id, building_id ORDER BY statement_date
        ) AS declared_in_building_on,
        last_value(municipality IGNORE NULLS) OVER earlier AS municipality_before,
        first_value(municipality IGNORE NULLS) OVER later AS municipality_after,
        first_value(CASE WHEN municipality IS NOT NULL THEN statement_date END IGNORE NULLS) OVER later AS date_after
    FROM numbered
    WINDOW
        earlier AS (
            PARTITION BY person_id ORDER BY statement_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ),
        later AS (
            PARTITION BY person_id ORDER BY statement_number ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        )
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
    CASE
        WHEN statement_date > death_date THEN 'after_death'
        WHEN statement_date = death_date AND kind NOT IN ('birth', 'death') THEN 'after_death'
        WHEN kind IN ('death', 'vanished') THEN 'counts'
        -- R2: a departure to nowhere known says less than the arrival that precedes it or follows within 12 months.
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
        -- R6: the registry repeats a declaration of the last 24 months that a newer declaration has superseded.
        WHEN
            kind = 'registry' AND declared_on > declared_here_on
            AND declared_here_on >= statement_date - INTERVAL 24 MONTH
            THEN 'late_entry'
        WHEN
            kind = 'registry' AND building_id IS NOT NULL AND declared_on > declared_in_building_on
            AND declared_in_building_on >= statement_date - INTERVAL 24 MONTH
            THEN 'late_entry'
        ELSE 'counts'
    END AS outcome
FROM compared
