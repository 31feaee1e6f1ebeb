-- Names of each settlement in every language, by municipality.
WITH named AS (
    SELECT DISTINCT c.municipality, d.settlement_id, c.settlement_name, c.settlement_name_second
    FROM cadastre AS c
    JOIN dwellings AS d USING (address_id)
)
SELECT n.municipality AS scope, t.folded AS name, n.settlement_id AS id
FROM named AS n
JOIN settlement_texts AS t ON t.text = n.settlement_name
UNION
SELECT n.municipality AS scope, t.folded AS name, n.settlement_id AS id
FROM named AS n
JOIN settlement_texts AS t ON t.text = n.settlement_name_second
