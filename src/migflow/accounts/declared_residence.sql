-- What declarations say of where people live. The rules R2 and R3 are those of docs/methods.md.
WITH foreign_places AS (
    -- A text that names the own country says no more than that the person did not come from abroad.
    SELECT
        place,
        municipality,
        CASE WHEN country <> $country THEN country END AS country
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
        d.municipality AS declared_at,
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
    country,
    declared_at,
    municipality AS destination
FROM declared
UNION ALL
-- R3: a declaration also says where the person lived the day before.
SELECT
    d.person_id,
    d.source,
    d.record_id,
    'previous' AS kind,
    d.statement_date - 1 AS statement_date,
    d.previous_municipality AS municipality,
    CAST(NULL AS VARCHAR) AS settlement_id,
    CAST(NULL AS VARCHAR) AS building_id,
    CAST(NULL AS VARCHAR) AS address_id,
    CASE WHEN d.kind = 'arrival' THEN d.country END AS country,
    d.declared_at,
    d.municipality AS destination
FROM declared AS d
INNER JOIN persons AS p ON p.person_id = d.person_id AND p.birth_date < d.statement_date
WHERE
    coalesce(d.previous_municipality, d.country) IS NOT NULL
    AND coalesce(d.municipality, d.country) IS NOT NULL
