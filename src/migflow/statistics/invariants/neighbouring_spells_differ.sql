-- residence_spells: a spell that follows another is at another place, or at a new address the register cannot name
SELECT
    person_id,
    from_date
FROM (
    SELECT
        *,
        lag(municipality) OVER by_person AS municipality_before,
        lag(settlement_id) OVER by_person AS settlement_before,
        lag(building_id) OVER by_person AS building_before,
        lag(address_id) OVER by_person AS address_before
    FROM residence_spells
    WINDOW by_person AS (PARTITION BY person_id ORDER BY spell_number)
) AS paired
WHERE
    entry_reason = 'internal'
    AND basis <> 'change_of_address'
    AND municipality = municipality_before
    AND settlement_id IS NOT DISTINCT FROM settlement_before
    AND building_id IS NOT DISTINCT FROM building_before
    AND address_id IS NOT DISTINCT FROM address_before
