-- residence_spells: no spell begins before the one before it ends, and inside a stay none begins later
SELECT
    person_id,
    from_date
FROM (
    SELECT
        person_id,
        from_date,
        entry_reason,
        spell_number,
        lag(to_date) OVER by_person AS to_before,
        lag(exit_reason) OVER by_person AS exit_before
    FROM residence_spells
    WINDOW by_person AS (PARTITION BY person_id ORDER BY spell_number)
) AS paired
WHERE
    (spell_number > 1 AND (to_before IS NULL OR to_before > from_date OR exit_before = 'death'))
    OR (entry_reason = 'internal') <> coalesce(exit_before = 'internal', FALSE)
    OR (entry_reason = 'internal' AND to_before <> from_date)
