-- What linking each source learnt, and the weight that follows from it; nothing of a source that sent no record.
SELECT
    source,
    comparison,
    level,
    level_order,
    m,
    u,
    round(log2(m / u), 6) AS match_weight
FROM learnt
SEMI JOIN statements USING (source)
