-- A person with the records of a draw; the same in all draws that change the same records.
WITH changed AS (
    SELECT
        draw,
        person_id,
        string_agg(
            CASE WHEN gained THEN '+' ELSE '-' END || source || '/' || record_id, ' ' ORDER BY source, record_id
        ) AS what
    FROM changes
    GROUP BY draw, person_id
)

SELECT
    draw,
    person_id,
    what,
    person_id || '~' || CAST(dense_rank() OVER (PARTITION BY person_id ORDER BY what) AS VARCHAR) AS variant
FROM changed
