SELECT
    code,
    level,
    nullif(parent, '') AS parent,
    name,
    nullif(name_second, '') AS name_second,
    latitude,
    longitude
FROM areas
