-- Changes of residence in [$first_day, $as_of): between two consecutive spells, or across the country's border.
WITH paired AS (
    SELECT
        *,
        lag(municipality) OVER by_person AS municipality_before,
        lag(settlement_id) OVER by_person AS settlement_before
    FROM residence_spells
    WINDOW by_person AS (PARTITION BY person_id ORDER BY spell_number)
),

moved AS (
    SELECT
        person_id,
        from_date AS move_date,
        CASE
            WHEN municipality <> municipality_before THEN 'between_municipalities'
            WHEN settlement_id = settlement_before THEN 'within_settlement'
            ELSE 'within_municipality'
        END AS move_type,
        municipality_before AS origin,
        municipality AS destination,
        settlement_before AS origin_settlement_id,
        settlement_id AS destination_settlement_id,
        CAST(NULL AS VARCHAR) AS origin_country,
        CAST(NULL AS VARCHAR) AS destination_country,
        basis
    FROM paired
    WHERE entry_reason = 'internal'
    UNION ALL
    SELECT
        person_id,
        from_date,
        'immigration',
        NULL,
        municipality,
        NULL,
        settlement_id,
        origin_country,
        NULL,
        basis
    FROM residence_spells
    WHERE entry_reason = 'immigration'
    UNION ALL
    SELECT
        person_id,
        to_date,
        'emigration',
        municipality,
        NULL,
        settlement_id,
        NULL,
        NULL,
        destination_country,
        basis
    FROM residence_spells
    WHERE exit_reason = 'emigration'
)

SELECT *
FROM moved
WHERE move_date >= CAST($first_day AS DATE) AND move_date < CAST($as_of AS DATE)
