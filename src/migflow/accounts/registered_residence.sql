-- What the civil registry says of where people live. The rules R1, R4 and R5 are those of docs/methods.md.
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

persons_registered AS (
    -- R1: never before birth.
    SELECT
        l.person_id,
        r.record_id,
        p.citizenship,
        greatest(r.statement_date, p.birth_date) AS statement_date,
        max(r.reference_month) AS reference_month,
        max_by(r.municipality, r.reference_month) AS municipality
    FROM registered AS r
    INNER JOIN person_links AS l ON l.source = 'civil_registry_persons' AND l.record_id = r.record_id
    INNER JOIN persons AS p ON p.person_id = l.person_id
    GROUP BY l.person_id, r.record_id, p.citizenship, greatest(r.statement_date, p.birth_date)
),

registry AS (
    -- R4: a foreign citizen who enters the registry without a declaration came from a country nobody wrote down.
    SELECT
        r.person_id,
        r.statement_date,
        'registry' AS kind,
        r.municipality,
        a.settlement_id,
        a.building_id,
        a.address_id,
        CASE WHEN r.citizenship <> $country THEN 'XX' END AS country,
        'civil_registry_persons' AS source,
        r.record_id
    FROM persons_registered AS r
    LEFT JOIN registered_addresses AS a
        ON
            a.record_id = r.record_id
            AND a.from_month <= r.reference_month
            AND a.to_month > r.reference_month
            AND a.municipality = r.municipality
),

events AS (
    -- The first act of each kind, whole. The mother's number as persons have it, without what people put in between.
    SELECT
        l.person_id,
        e.event_type,
        e.event_date,
        e.record_id,
        e.municipality,
        regexp_replace(e.mother_personal_number, '[\s./-]', '', 'g') AS mother_personal_number,
        row_number() OVER (PARTITION BY l.person_id, e.event_type ORDER BY e.event_date, e.record_id) AS act_number
    FROM civil_registry_events AS e
    INNER JOIN person_links AS l ON l.source = 'civil_registry_events' AND l.record_id = e.record_id
    WHERE e.event_type IN ('birth', 'death')
),

first_registered AS (
    SELECT
        person_id,
        min_by(municipality, CAST(statement_date AS VARCHAR) || record_id) AS municipality,
        min(record_id) AS record_id
    FROM registry
    GROUP BY person_id
),

mothers AS (
    SELECT
        p.personal_number,
        min(f.municipality) AS municipality
    FROM persons AS p
    INNER JOIN first_registered AS f ON f.person_id = p.person_id
    WHERE p.personal_number IS NOT NULL
    GROUP BY p.personal_number
),

from_abroad AS (
    SELECT DISTINCT person_id FROM declared_residence WHERE kind = 'arrival' AND country IS NOT NULL
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
        CASE WHEN e.person_id IS NULL THEN 'civil_registry_persons' ELSE 'civil_registry_events' END AS source,
        coalesce(e.record_id, f.record_id) AS record_id
    FROM persons AS p
    INNER JOIN first_registered AS f ON f.person_id = p.person_id
    LEFT JOIN events AS e ON e.person_id = p.person_id AND e.event_type = 'birth' AND e.act_number = 1
    LEFT JOIN mothers AS m ON m.personal_number = e.mother_personal_number
    LEFT JOIN from_abroad AS i ON i.person_id = p.person_id
    WHERE
        p.birth_date >= CAST($first_day AS DATE)
        AND (
            e.person_id IS NOT NULL
            OR (
                i.person_id IS NULL
                AND p.citizenship = $country
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
    LEFT JOIN events AS e ON e.person_id = p.person_id AND e.event_type = 'death' AND e.act_number = 1
    WHERE coalesce(p.death_date, e.event_date) IS NOT NULL
),

last_declared AS (
    SELECT
        person_id,
        max(statement_date) AS statement_date
    FROM declared_residence
    GROUP BY person_id
),

snapshots AS (
    SELECT
        provider,
        municipality,
        max(reference_month) AS newest_with_municipality,
        max(max(reference_month)) OVER (PARTITION BY provider) AS newest
    FROM civil_registry_persons
    GROUP BY provider, municipality
),

last_held AS (
    SELECT
        record_id,
        max(reference_month) AS reference_month,
        max_by(provider, reference_month) AS provider,
        max_by(municipality, reference_month) AS municipality
    FROM civil_registry_persons
    GROUP BY record_id
),

gone AS (
    -- R5: not in the newest snapshot of the record's provider, though the record's municipality is. A person is gone
    -- with the last record; last_month knows the rows in quarantine too.
    SELECT p.person_id
    FROM last_held AS r
    INNER JOIN snapshots AS s ON s.provider = r.provider AND s.municipality = r.municipality
    INNER JOIN person_links AS l ON l.source = 'civil_registry_persons' AND l.record_id = r.record_id
    INNER JOIN persons AS p ON p.person_id = l.person_id
    GROUP BY p.person_id, p.last_month
    HAVING
        bool_and(r.reference_month < s.newest AND s.newest_with_municipality = s.newest)
        AND p.last_month < max(s.newest)
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
    INNER JOIN gone AS g ON g.person_id = p.person_id
    LEFT JOIN deaths AS x ON x.person_id = p.person_id
    LEFT JOIN last_declared AS d ON d.person_id = p.person_id
    WHERE x.person_id IS NULL
)

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
    country
FROM registry
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
    country
FROM births
UNION ALL
SELECT
    person_id,
    source,
    record_id,
    'death',
    death_date,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL
FROM deaths
UNION ALL
SELECT
    person_id,
    'civil_registry_persons',
    record_id,
    'vanished',
    statement_date,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL
FROM vanished
