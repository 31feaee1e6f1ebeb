-- Moves by age at the move and movers by age on 1 January, across the borders of municipalities and of regions.
SELECT
    i.time_period,
    i.level,
    CAST(i.group_code AS INTEGER) AS age,
    i.sex,
    i.indicator,
    i.obs_value,
    i.unit_measure,
    y.obs_status
FROM migration_intensities AS i
INNER JOIN accounting_years AS y ON y.year = i.time_period
WHERE i.group_kind = 'age'
