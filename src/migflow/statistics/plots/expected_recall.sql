SELECT
    source,
    group_kind,
    CASE WHEN group_kind = 'municipality' THEN named(group_code) ELSE group_code END AS group_code,
    CASE WHEN group_kind = 'age_group' THEN first_age(group_code) END AS first_age,
    expected_recall
FROM linkage_quality
WHERE expected_recall IS NOT NULL
ORDER BY source, group_kind, linkage_quality.group_code
