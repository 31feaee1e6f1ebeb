-- Written addresses by group of one kind after another; `evident` are those that carry enough evidence.
WITH grouped AS (
    SELECT
        unnest([
            {'dimension': 'all', 'name': 'all'},
            {'dimension': 'evidence', 'name': evidence},
            {'dimension': 'grade', 'name': grade},
            {'dimension': 'written in', 'name': language},
            {'dimension': 'municipality', 'name': municipality}
        ]) AS grp,
        evidence = 'enough' AS evident,
        right_building,
        wrong_building
    FROM judged_addresses
)

SELECT
    grp.dimension AS dimension,
    grp.name AS "group",
    count(*) AS addresses,
    count(*) FILTER (WHERE evident) AS evident,
    count(*) FILTER (WHERE right_building) AS right_building,
    count(*) FILTER (WHERE wrong_building) AS wrong_building,
    count(*) FILTER (WHERE evident AND right_building) AS evident_right
FROM grouped
GROUP BY grp
ORDER BY
    CASE grp.dimension
        WHEN 'all' THEN 1 WHEN 'evidence' THEN 2 WHEN 'grade' THEN 3 WHEN 'written in' THEN 4 ELSE 5
    END,
    CASE grp.name
        WHEN 'enough' THEN 0 WHEN 'dwelling' THEN 1 WHEN 'building' THEN 2 WHEN 'street' THEN 3
        WHEN 'settlement' THEN 4 WHEN 'municipality' THEN 5 ELSE 6
    END,
    grp.name
