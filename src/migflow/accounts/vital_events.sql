-- Births and deaths in [$first_day, $as_of) that begin or end a spell, so that residents and events are the same people.
SELECT
    person_id,
    'birth' AS event_type,
    from_date AS event_date,
    municipality
FROM residence_spells
WHERE entry_reason = 'birth' AND from_date >= CAST($first_day AS DATE)
UNION ALL
SELECT
    person_id,
    'death' AS event_type,
    to_date AS event_date,
    municipality
FROM residence_spells
WHERE exit_reason = 'death' AND to_date >= CAST($first_day AS DATE)
