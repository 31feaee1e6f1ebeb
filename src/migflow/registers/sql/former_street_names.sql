SELECT
    municipality,
    settlement,
    name AS former_name,
    current_name,
    min(settlement_id) AS settlement_id,
    min(from_date) AS from_date,
    max(until_date) AS until_date,
    basis,
    max(households) AS households
FROM former_names
GROUP BY municipality, settlement, name, current_name, basis
