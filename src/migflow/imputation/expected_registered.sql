-- Of declarations of those who have a number from birth: how many, and how many of them are expected to be linked,
-- with a number and without.
SELECT
    d.personal_number IS NOT NULL AS numbered,
    count(*) AS records,
    CAST(sum(CAST(CASE
        WHEN l.pass = 'review' OR u.record IS NULL THEN 1 ELSE u.seen
    END AS DECIMAL(18, 12))) AS DOUBLE) AS linked
FROM (
    SELECT *
    FROM municipal_residence
    QUALIFY row_number() OVER (PARTITION BY record_id ORDER BY reference_month DESC) = 1
) AS d
INNER JOIN person_links AS l ON l.source = 'municipal_residence' AND l.record_id = d.record_id
LEFT JOIN uncertain_records AS u ON u.source = l.source AND u.record_id = l.record_id
WHERE coalesce(d.citizenship, $country) = $country
GROUP BY ALL
