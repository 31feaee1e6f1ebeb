-- Links of declarations by what the true person is, and by municipality of the counter; age on the day declared.
WITH latest AS (
    SELECT record_id, declared_on, municipality
    FROM municipal_residence
    QUALIFY row_number() OVER (PARTITION BY record_id ORDER BY reference_month DESC) = 1
),

described AS (
    SELECT
        j.*,
        p.sex,
        p.community,
        m.municipality,
        date_diff('year', p.birth_date, m.declared_on) AS age
    FROM judged_links AS j
    INNER JOIN latest AS m ON m.record_id = j.record_id
    INNER JOIN truth_persons AS p ON p.person_id = j.true_person
    WHERE j.source = 'municipal_residence'
),

grouped AS (
    SELECT 'community' AS dimension, community AS "group", * FROM described
    UNION ALL
    SELECT 'sex', sex, * FROM described
    UNION ALL
    SELECT
        'age',
        CASE WHEN age < 15 THEN '0-14' WHEN age < 30 THEN '15-29' WHEN age < 45 THEN '30-44' WHEN age < 65 THEN '45-64'
            ELSE '65+' END,
        *
    FROM described
    UNION ALL
    SELECT 'municipality', municipality, * FROM described
)

SELECT
    dimension,
    "group",
    count(*) FILTER (WHERE is_linkable) AS linkable,
    count(*) FILTER (WHERE is_linked) AS linked,
    count(*) FILTER (WHERE is_right) AS right_links
FROM grouped
GROUP BY dimension, "group"
ORDER BY dimension, "group"
