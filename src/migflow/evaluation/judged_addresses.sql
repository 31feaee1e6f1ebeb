-- Written addresses whose true dwelling is known: whether the text carries enough evidence of the building, and what it
-- was matched to. `evidence` is 'enough', or what is lacking:
--   no number       no house number was written, or the street has none that anybody wrote;
--   shared          another building of the settlement has the same number, has the written dwelling if one is written,
--                   and is on a street of the same name, present or former (or both have no street name);
--   no municipality the record does not say it, and another settlement of the country has the same name;
--   nearer another  a typing error brought the street's name at least as near to that of another such building.
-- It follows from the truth alone: what was written, and the names that streets have and had.
WITH written AS (
    SELECT
        a.source,
        a.record_id,
        a.reference_month,
        a.role,
        a.language,
        a.mistyped,
        a.municipality_written,
        a.number_written,
        a.dwelling_written,
        f.folded AS street,
        CASE WHEN a.role = 'current' THEN r.address_id ELSE r.previous_address_id END AS true_address
    FROM truth_addresses AS a
    INNER JOIN truth_records AS r
        ON r.source = a.source AND r.record_id = a.record_id AND r.reference_month = a.reference_month
    LEFT JOIN folded_places AS f ON f.text = a.street
),

named AS (
    SELECT
        d.address_id,
        d.building_id,
        d.municipality,
        d.settlement_id,
        d.house_number,
        coalesce(d.entrance, '') || '/' || coalesce(d.dwelling, '') AS inside,
        list_filter([s1.folded, s2.folded, s3.folded, s4.folded], lambda n: n IS NOT NULL) AS names
    FROM truth_dwellings AS d
    LEFT JOIN folded_places AS s1 ON s1.text = d.street
    LEFT JOIN folded_places AS s2 ON s2.text = d.street_second
    LEFT JOIN folded_places AS s3 ON s3.text = d.former_street
    LEFT JOIN folded_places AS s4 ON s4.text = d.former_street_second
),

-- Settlements by each of their names, and those that share one.
called AS (
    SELECT DISTINCT d.settlement_id, f.folded AS name
    FROM truth_dwellings AS d
    INNER JOIN folded_places AS f ON f.text IN (d.settlement, d.settlement_second)
),

namesakes AS (
    SELECT DISTINCT settlement_id FROM called QUALIFY count(*) OVER (PARTITION BY name) > 1
),

buildings AS (
    SELECT settlement_id, house_number, names, building_id, list(DISTINCT inside) AS insides
    FROM named
    GROUP BY settlement_id, house_number, names, building_id
),

-- What was written, once for each way of writing one dwelling.
texts AS (
    SELECT DISTINCT
        w.true_address, w.street, w.mistyped, w.dwelling_written,
        d.building_id, d.settlement_id, d.house_number, d.inside, d.names
    FROM written AS w
    INNER JOIN named AS d ON d.address_id = w.true_address
    WHERE w.number_written
),

rivals AS (
    SELECT t.*, b.names AS other_names
    FROM texts AS t
    INNER JOIN buildings AS b
        ON b.settlement_id = t.settlement_id
        AND b.house_number = t.house_number
        AND b.building_id <> t.building_id
        AND (NOT t.dwelling_written OR list_contains(b.insides, t.inside))
),

unclear AS (
    SELECT
        true_address, street, dwelling_written, mistyped,
        bool_or(street IS NULL OR list_contains(other_names, street)) AS shared
    FROM rivals
    WHERE
        (street IS NULL AND len(other_names) = 0)
        OR list_contains(other_names, street)
        OR (
            mistyped
            AND len(other_names) > 0
            AND list_min(list_transform(other_names, lambda n: damerau_levenshtein(n, street)))
            <= list_min(list_transform(names, lambda n: damerau_levenshtein(n, street)))
        )
    GROUP BY true_address, street, dwelling_written, mistyped
)

SELECT
    w.source,
    w.record_id,
    w.reference_month,
    w.role,
    w.language,
    CASE
        WHEN NOT w.number_written THEN 'no number'
        WHEN NOT w.municipality_written AND n.settlement_id IS NOT NULL THEN 'no municipality'
        WHEN u.shared THEN 'shared'
        WHEN u.true_address IS NOT NULL THEN 'nearer another'
        ELSE 'enough'
    END AS evidence,
    d.municipality,
    l.grade,
    coalesce(l.building_id = d.building_id, false) AS right_building,
    coalesce(l.building_id <> d.building_id, false) AS wrong_building
FROM written AS w
INNER JOIN named AS d ON d.address_id = w.true_address
LEFT JOIN namesakes AS n ON n.settlement_id = d.settlement_id
LEFT JOIN unclear AS u
    ON u.true_address = w.true_address
    AND u.street IS NOT DISTINCT FROM w.street
    AND u.dwelling_written = w.dwelling_written
    AND u.mistyped = w.mistyped
-- A registered address whose text stays as it was is linked once, when it was new.
INNER JOIN address_links AS l
    ON l.source = w.source AND l.record_id = w.record_id
    AND l.reference_month = w.reference_month AND l.role = w.role
