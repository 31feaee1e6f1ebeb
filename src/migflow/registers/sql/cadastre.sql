-- Every address the cadastre ever held, as its latest snapshot has it.
WITH held AS (
    SELECT address_id, max(reference_month) AS last_month FROM cadastre_addresses GROUP BY address_id
)
SELECT c.*
FROM cadastre_addresses AS c
JOIN held ON held.address_id = c.address_id AND held.last_month = c.reference_month
