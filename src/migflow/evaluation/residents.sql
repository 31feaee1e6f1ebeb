-- Usual residents on each 1 January person by person: who is missed, taken in wrongly, or placed elsewhere.
WITH days AS (
    SELECT year, make_date(year, 1, 1) AS day
    FROM (SELECT year FROM truth.accounting_years UNION SELECT year + 1 FROM truth.accounting_years)
),

-- Two persons made of one are one resident too many only in the sums.
published AS (
    SELECT d.year, t.true_person, min(u.municipality) AS municipality
    FROM main.usual_residence AS u
    INNER JOIN main.true_of_person AS t ON t.person_id = u.person_id
    INNER JOIN days AS d ON u.from_date < d.day AND coalesce(u.to_date, DATE '9999-12-31') >= d.day
    GROUP BY d.year, t.true_person
),

true_residents AS (
    SELECT d.year, u.person_id AS true_person, u.municipality
    FROM truth.usual_residence AS u
    INNER JOIN days AS d ON u.from_date < d.day AND coalesce(u.to_date, DATE '9999-12-31') >= d.day
)

SELECT
    year,
    count(t.true_person) AS true_residents,
    count(*) FILTER (WHERE p.true_person IS NULL AND r.true_person IS NULL) AS without_record,
    count(*) FILTER (WHERE p.true_person IS NULL AND r.true_person IS NOT NULL) AS missed,
    count(*) FILTER (WHERE t.true_person IS NULL) AS not_resident,
    count(*) FILTER (WHERE p.municipality <> t.municipality) AS elsewhere,
    without_record / true_residents AS without_record_share,
    missed / true_residents AS missed_share,
    not_resident / true_residents AS not_resident_share,
    elsewhere / true_residents AS elsewhere_share
FROM true_residents AS t
FULL JOIN published AS p USING (year, true_person)
LEFT JOIN (SELECT DISTINCT true_person FROM main.true_of_person) AS r USING (true_person)
GROUP BY year
ORDER BY year
