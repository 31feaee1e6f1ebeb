-- total: of the figures that are shown; hidden: how many are not; newest: the newest final period, or else the newest.
CREATE OR REPLACE TEMP MACRO total(value) AS CAST(sum(value) AS DOUBLE);
CREATE OR REPLACE TEMP MACRO hidden(status) AS count(*) FILTER (status <> 'F');
CREATE OR REPLACE TEMP MACRO newest(tab) AS (
    SELECT coalesce(max(time_period) FILTER (obs_status <> 'P'), max(time_period)) FROM query_table(tab)
);
CREATE OR REPLACE TEMP MACRO named(area_code) AS coalesce((SELECT name FROM areas WHERE code = area_code), area_code);
CREATE OR REPLACE TEMP MACRO first_age(age_group) AS CASE
    WHEN age_group = '_U' THEN 200
    WHEN age_group LIKE '%LT%' THEN 0
    ELSE CAST(regexp_extract(age_group, '\d+') AS INTEGER)
END;
