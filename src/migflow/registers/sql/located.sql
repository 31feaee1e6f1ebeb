-- The settlement of each written address: by its column, by the address, or by a name without street type.
WITH sure AS (
    SELECT * FROM settlement_matches QUALIFY count(*) OVER (PARTITION BY scope, name) = 1
),
found AS (
    SELECT
        p.*,
        coalesce(by_column.id, by_address.id, by_name.id) AS settlement_id,
        coalesce(by_column.score, by_address.score, by_name.score) AS settlement_score,
        -- The village's name in the place of a street is no street; what stands in its own place may be one.
        CASE
            WHEN p.street IS NULL AND by_column.id IS NOT NULL AND by_address.id IS NULL
                THEN coalesce(p.settlement_in_address, '')
            WHEN p.street IS NULL THEN ''
            WHEN NOT p.typed AND by_name.id = coalesce(by_column.id, by_address.id, by_name.id)
                THEN CASE WHEN by_address.id IS NULL THEN coalesce(p.settlement_in_address, '') ELSE '' END
            ELSE p.street
        END AS street_name
    FROM parsed AS p
    LEFT JOIN sure AS by_column
        ON by_column.scope = p.area AND by_column.name = p.settlement
    LEFT JOIN sure AS by_address
        ON by_address.scope = p.area AND by_address.name = p.settlement_in_address
    LEFT JOIN sure AS by_name
        ON by_name.scope = p.area AND by_name.name = p.street AND NOT p.typed
)
SELECT
    f.* EXCLUDE (municipality, area),
    coalesce(f.municipality, s.municipality) AS municipality,
    coalesce(f.settlement_id, f.municipality) AS scope
FROM found AS f
LEFT JOIN (SELECT DISTINCT settlement_id, municipality FROM dwellings) AS s USING (settlement_id)
