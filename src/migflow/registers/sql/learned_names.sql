-- Former names learnt: an unknown street is a street of the cadastre if enough of its households meet there, or one
-- with enough residents, hardly any elsewhere, and nearly all its numbers exist there.
WITH placed AS (
    SELECT address_key FROM at_number WHERE NOT names_dwelling OR same_dwellings > 0
),
met AS (
    SELECT
        municipality, settlement_id, street_name, street_id,
        count(DISTINCT (house_number, entrance, dwelling)) AS households,
        count(DISTINCT (house_number, entrance, dwelling)) FILTER (WHERE residents >= $residents) AS whole
    FROM meetings
    GROUP BY municipality, settlement_id, street_name, street_id
),
written AS (
    SELECT DISTINCT m.settlement_id, m.street_name, l.house_number
    FROM located AS l
    JOIN (SELECT DISTINCT municipality, settlement_id, street_name FROM met) AS m
        ON m.municipality = l.municipality
        AND m.street_name = l.street_name
        AND coalesce(m.settlement_id = l.settlement_id, true)
    WHERE l.house_number IS NOT NULL AND l.address_key NOT IN (SELECT address_key FROM placed)
),
fitting AS (
    SELECT m.settlement_id, m.street_name, m.street_id, count(*) AS numbers, count(d.house_number) AS existing
    FROM met AS m
    JOIN written AS w USING (settlement_id, street_name)
    LEFT JOIN (SELECT DISTINCT settlement_id, street_id, house_number FROM doors) AS d
        ON d.settlement_id = m.settlement_id AND d.street_id = m.street_id AND d.house_number = w.house_number
    GROUP BY m.settlement_id, m.street_name, m.street_id
),
shares AS (
    SELECT
        *,
        -- In a large town namesakes meet everywhere; households that meet with several residents outweigh them.
        coalesce(
            whole / nullif(sum(whole) OVER (PARTITION BY settlement_id, street_name), 0),
            households / sum(households) OVER (PARTITION BY settlement_id, street_name)
        ) AS share
    FROM met
)
SELECT DISTINCT
    s.municipality,
    d.settlement,
    s.settlement_id,
    s.street_name AS name,
    coalesce(nullif(o.street, ''), o.street_second) AS current_name,
    s.street_id,
    CAST(NULL AS DATE) AS from_date,
    CAST(NULL AS DATE) AS until_date,
    'learned' AS basis,
    s.households
FROM shares AS s
JOIN fitting AS f USING (settlement_id, street_name, street_id)
JOIN doors AS o ON o.settlement_id = s.settlement_id AND o.street_id = s.street_id
JOIN dwellings AS d ON d.address_id = o.address_id
WHERE (s.households >= $households OR s.whole > 0) AND s.share >= $share AND f.existing >= $fit * f.numbers
