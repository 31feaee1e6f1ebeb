-- Moves by citizenship before the move and movers by citizenship on 1 January, across the borders of municipalities and of
-- regions.
SELECT
    i.time_period,
    i.level,
    i.group_code AS citizenship,
    i.sex,
    i.indicator,
    i.obs_value,
    i.unit_measure,
    y.obs_status
FROM migration_intensities AS i
INNER JOIN accounting_years AS y ON y.year = i.time_period
WHERE i.group_kind = 'citizenship'
