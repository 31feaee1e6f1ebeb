-- Persons whose records a draw changes, once as they are and once as the draw has them: each mark a copy.
SELECT DISTINCT
    draw,
    person_id,
    sign,
    CAST(draw AS VARCHAR) || CASE WHEN sign < 0 THEN '-' ELSE '+' END || '|' AS mark
FROM changes
CROSS JOIN (VALUES (-1), (1)) AS signs (sign)
