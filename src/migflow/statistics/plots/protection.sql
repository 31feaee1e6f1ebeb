SELECT
    "table" AS table_name,
    method,
    cells,
    100 * hidden_cells AS cells_left_out_percent,
    100 * hidden_flow AS counted_left_out_percent
FROM disclosure
WHERE method <> 'none'
ORDER BY hidden_cells DESC, "table"
