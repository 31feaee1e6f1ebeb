-- Residents on 1 January by citizenship in each municipality and in every wider area it lies in.
SELECT
    p.time_period,
    w.area,
    w.level,
    p.citizenship,
    p.sex,
    sum(p.obs_value) AS obs_value,
    'PS' AS unit_measure,
    p.obs_status
FROM population AS p
INNER JOIN wider_areas AS w ON w.code = p.area
GROUP BY p.time_period, w.area, w.level, p.citizenship, p.sex, p.obs_status
