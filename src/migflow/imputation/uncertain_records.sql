-- Records whose link is not certain. counter: who declared together at most; seen: probability of all candidates.
WITH latest AS (
    SELECT *
    FROM municipal_residence
    QUALIFY row_number() OVER (PARTITION BY record_id ORDER BY reference_month DESC) = 1
),

seen AS (
    SELECT source, record_id, sum(CAST(probability AS DECIMAL(18, 12))) AS probability
    FROM candidates
    GROUP BY source, record_id
)

SELECT
    row_number() OVER (ORDER BY l.source, l.record_id) - 1 AS record,
    CASE WHEN d.declared_on IS NOT NULL THEN dense_rank() OVER (ORDER BY d.provider, d.declared_on, d.event_type) END
        AS counter_code,
    l.source,
    l.record_id,
    l.person_id,
    d.provider || '|' || CAST(d.declared_on AS VARCHAR) || '|' || d.event_type AS counter,
    d.event_type AS kind,
    d.event_date,
    d.sex,
    d.birth_date,
    CASE WHEN d.event_type = 'arrival' THEN from_place.municipality ELSE d.municipality END AS origin,
    CASE WHEN d.event_type = 'departure' THEN to_place.municipality ELSE d.municipality END AS destination,
    d.municipality AS declared_at,
    d.event_type = 'departure' AND to_place.municipality IS NULL AND coalesce(to_place.country, $country) = $country
        AS bound_anywhere,
    -- Who has a number from birth leaves it out or not, whether registered or not; others have one if registered.
    coalesce(d.record_id IS NOT NULL AND coalesce(d.citizenship, $country) = $country, FALSE) AS born_with_number,
    d.personal_number IS NOT NULL AS numbered,
    least(CAST(coalesce(s.probability, l.match_probability, 0) AS DOUBLE), 1) AS seen
FROM person_links AS l
LEFT JOIN latest AS d ON l.source = 'municipal_residence' AND d.record_id = l.record_id
LEFT JOIN seen AS s ON s.source = l.source AND s.record_id = l.record_id
LEFT JOIN place_links AS from_place ON from_place.place = d.previous_place
LEFT JOIN place_links AS to_place ON to_place.place = d.next_place
WHERE l.pass NOT IN ('anchor', 'review') AND (l.person_id IS NULL OR l.match_probability < $certain)
