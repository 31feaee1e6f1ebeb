-- The best person of each statement, and whether it leads the second best by the margin.
WITH per_person AS (
    SELECT statement, person, max(score) AS score FROM scored GROUP BY statement, person
),
ranked AS (
    SELECT
        statement, person, score,
        row_number() OVER best_first AS place,
        lead(score) OVER best_first AS runner_up
    FROM per_person
    WINDOW best_first AS (PARTITION BY statement ORDER BY score DESC, person)
)
SELECT statement, person, score, coalesce(score - runner_up >= $margin, true) AS clear
FROM ranked
WHERE place = 1
