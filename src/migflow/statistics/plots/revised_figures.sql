SELECT
    compared_with,
    table_name,
    CAST(sum(cells) AS BIGINT) AS in_both,
    CAST(sum(cells_changed) AS BIGINT) AS changed,
    CAST(sum(cells_new) AS BIGINT) AS new,
    CAST(sum(cells_gone) AS BIGINT) AS gone,
    sum(mean_absolute_revision * cells) / nullif(sum(cells), 0) AS mean_absolute_revision,
    100.0 * changed / nullif(in_both, 0) AS changed_percent
FROM revisions
GROUP BY compared_with, table_name
ORDER BY changed_percent DESC NULLS LAST, table_name
