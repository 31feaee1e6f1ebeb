-- Declarations that carry no evidence of meaning their true person rather than another: somebody else in the registry
-- agrees with the row at least as well in every field. No method can tell these two apart but by luck.
SELECT DISTINCT o.record_id
FROM own_agreement AS o
INNER JOIN rival_agreement AS r
    ON r.record_id = o.record_id
    AND r.number >= o.number
    AND r.first_name_changes <= o.first_name_changes
    AND r.surname_changes <= o.surname_changes
    AND r.birth_date >= o.birth_date
    AND r.sex >= o.sex
    AND r.current_address >= o.current_address
    AND r.previous_address >= o.previous_address
    AND r.household >= o.household
