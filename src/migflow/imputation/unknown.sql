-- Records that a draw gives to somebody unseen: their own birth date, or that of somebody else of this kind and sex.
SELECT
    a.draw,
    CAST(a.steps AS BIGINT[]) AS steps,
    u.*,
    coalesce(u.birth_date, CASE WHEN a.days >= 0 THEN u.event_date - CAST(a.days AS INTEGER) END) AS about_born
FROM asked AS a
INNER JOIN uncertain_records AS u ON u.record = a.record
