-- For each statement still open, how many persons of the registry share what it says: names in either place, day of
-- birth, places; whether its number is somebody's; and whether it speaks of a foreigner, who is registered less often.
WITH nationals AS (SELECT mode(citizenship) AS citizenship FROM registry_records),
first_names AS (SELECT first_name AS code, count(DISTINCT person) AS persons FROM writings GROUP BY first_name),
surnames AS (SELECT surname AS code, count(DISTINCT person) AS persons FROM writings GROUP BY surname),
full_names AS (
    SELECT least(first_name, surname) AS one, greatest(first_name, surname) AS other, count(DISTINCT person) AS persons
    FROM writings
    GROUP BY ALL
),
days AS (SELECT birth_date, count(DISTINCT person) AS persons FROM writings GROUP BY birth_date),
owned AS (SELECT DISTINCT number FROM writings WHERE number IS NOT NULL),
residents AS (SELECT kind, place, count(*) AS persons FROM homes GROUP BY kind, place),
placed AS (
    SELECT
        p.statement,
        bool_or(p.kind = 'dwelling') AS names_dwelling,
        bool_or(p.kind = 'family') AS has_family,
        bool_or(p.kind = 'building') AS names_building,
        bool_or(p.kind = 'settlement') AS names_settlement,
        bool_or(p.kind = 'municipality') AS names_municipality,
        sum(r.persons) FILTER (WHERE p.kind = 'dwelling') AS in_dwelling,
        sum(r.persons) FILTER (WHERE p.kind = 'family') AS in_family,
        sum(r.persons) FILTER (WHERE p.kind = 'building') AS in_building,
        sum(r.persons) FILTER (WHERE p.kind = 'settlement') AS in_settlement,
        sum(r.persons) FILTER (WHERE p.kind = 'municipality') AS in_municipality
    FROM stated AS p
    LEFT JOIN residents AS r
        ON r.kind = CASE p.kind WHEN 'family' THEN 'dwelling' ELSE p.kind END AND r.place = p.place
    GROUP BY p.statement
)
SELECT
    s.statement,
    coalesce(ff.persons, 0) AS first_as_first,
    coalesce(ss.persons, 0) AS surname_as_surname,
    coalesce(fs.persons, 0) AS first_as_surname,
    coalesce(sf.persons, 0) AS surname_as_first,
    coalesce(n.persons, 0) AS of_that_name,
    coalesce(d.persons, 0) AS born_that_day,
    s.written_number IS NOT NULL AS has_number,
    o.number IS NOT NULL AS owned_number,
    s.event_type = 'birth' AS is_birth,
    coalesce(s.citizenship <> nationals.citizenship, false) AS is_foreign,
    coalesce(p.names_dwelling, false) AS names_dwelling,
    coalesce(p.has_family, false) AS has_family,
    coalesce(p.names_building, false) AS names_building,
    coalesce(p.names_settlement, false) AS names_settlement,
    coalesce(p.names_municipality, false) AS names_municipality,
    CAST(coalesce(p.in_dwelling, 0) AS DOUBLE) AS in_dwelling,
    CAST(coalesce(p.in_family, 0) AS DOUBLE) AS in_family,
    CAST(coalesce(p.in_building, 0) AS DOUBLE) AS in_building,
    CAST(coalesce(p.in_settlement, 0) AS DOUBLE) AS in_settlement,
    CAST(coalesce(p.in_municipality, 0) AS DOUBLE) AS in_municipality
FROM open_statements AS s
CROSS JOIN nationals
LEFT JOIN first_names AS ff ON ff.code = s.first_name
LEFT JOIN surnames AS ss ON ss.code = s.surname
LEFT JOIN surnames AS fs ON fs.code = s.first_name
LEFT JOIN first_names AS sf ON sf.code = s.surname
LEFT JOIN full_names AS n ON n.one = least(s.first_name, s.surname) AND n.other = greatest(s.first_name, s.surname)
LEFT JOIN days AS d ON d.birth_date = s.birth_date
LEFT JOIN owned AS o ON o.number = s.number
LEFT JOIN placed AS p ON p.statement = s.statement
ORDER BY s.statement
