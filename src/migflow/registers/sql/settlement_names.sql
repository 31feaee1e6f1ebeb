-- Names of each settlement in every language, by municipality.
SELECT DISTINCT c.municipality AS scope, t.folded AS name, d.settlement_id AS id
FROM cadastre AS c
JOIN dwellings AS d USING (address_id)
JOIN settlement_texts AS t ON t.text IN (c.settlement_name, c.settlement_name_second)
