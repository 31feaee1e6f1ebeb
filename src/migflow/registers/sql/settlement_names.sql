-- Names of each settlement in every language, by municipality.
WITH both_names AS (
    SELECT c.municipality, d.settlement_id, c.settlement_name AS name
    FROM cadastre AS c JOIN dwellings AS d USING (address_id)
    UNION
    SELECT c.municipality, d.settlement_id, c.settlement_name_second
    FROM cadastre AS c JOIN dwellings AS d USING (address_id)
)
SELECT DISTINCT b.municipality AS scope, t.spelling AS name, b.settlement_id AS id
FROM both_names AS b
JOIN settlement_texts AS t ON t.text = b.name
