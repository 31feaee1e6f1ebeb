-- How well the declarations and persons of `pairs` agree, each field by the best of all the person's writings:
-- letters to change in the names, in the order that suits each better (99 if none is written), and levels of the other
-- fields, 0 for none.
WITH written AS (
    SELECT
        r.record_id,
        w.person,
        max(CASE
            WHEN w.number = r.number THEN 2
            WHEN length(w.number) = length(r.number) AND hamming(w.number, r.number) = 1 THEN 1
            ELSE 0
        END) AS number,
        coalesce(min(least(
            damerau_levenshtein(r.first_name, w.first_name), damerau_levenshtein(r.first_name, w.surname)
        )), 99) AS first_name_changes,
        coalesce(min(least(
            damerau_levenshtein(r.surname, w.surname), damerau_levenshtein(r.surname, w.first_name)
        )), 99) AS surname_changes,
        max(CASE
            WHEN w.birth_date = r.birth_date THEN 2
            WHEN strftime(w.birth_date, '%Y%d%m') = strftime(r.birth_date, '%Y%m%d') THEN 1
            WHEN CAST(year(w.birth_date) = year(r.birth_date) AS INTEGER)
                + CAST(month(w.birth_date) = month(r.birth_date) AS INTEGER)
                + CAST(day(w.birth_date) = day(r.birth_date) AS INTEGER) = 2 THEN 1
            ELSE 0
        END) AS birth_date,
        max(coalesce(CAST(w.sex = r.sex AS INTEGER), 0)) AS sex
    FROM pairs AS p
    INNER JOIN declared_rows AS r ON r.record_id = p.record_id
    INNER JOIN writings AS w ON w.person = p.person
    GROUP BY r.record_id, w.person
),

placed AS (
    SELECT
        r.record_id,
        h.person,
        max(CASE
            WHEN h.address_id = c.address_id THEN 4
            WHEN h.building_id = c.building_id THEN 3
            WHEN h.settlement_id = c.settlement_id THEN 2
            WHEN h.municipality = c.municipality THEN 1
            ELSE 0
        END) AS current_address,
        max(CASE
            WHEN h.address_id = b.address_id THEN 4
            WHEN h.building_id = b.building_id THEN 3
            WHEN h.settlement_id = b.settlement_id THEN 2
            WHEN h.municipality = b.municipality THEN 1
            ELSE 0
        END) AS previous_address
    FROM pairs AS p
    INNER JOIN declared_rows AS r ON r.record_id = p.record_id
    INNER JOIN homes AS h ON h.person = p.person
    LEFT JOIN truth_dwellings AS c ON c.address_id = r.current_address
    LEFT JOIN truth_dwellings AS b ON b.address_id = r.previous_address
    GROUP BY r.record_id, h.person
),

shared_homes AS (
    SELECT DISTINCT a.record_id, h.person
    FROM declared_rows AS a
    INNER JOIN declared_rows AS b ON b.household = a.household AND b.person <> a.person
    INNER JOIN homes AS o ON o.person = b.person
    INNER JOIN homes AS h ON h.address_id = o.address_id
)

SELECT
    w.*,
    coalesce(p.current_address, 0) AS current_address,
    coalesce(p.previous_address, 0) AS previous_address,
    s.person IS NOT NULL AS household
FROM written AS w
LEFT JOIN placed AS p ON p.record_id = w.record_id AND p.person = w.person
LEFT JOIN shared_homes AS s ON s.record_id = w.record_id AND s.person = w.person
