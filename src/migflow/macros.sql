-- age_of_signs: age groups within which signs of life are alike.
CREATE OR REPLACE TEMP MACRO age_of_signs(age) AS CASE
    WHEN age < 6 THEN 'Y_LT6'
    WHEN age < 18 THEN 'Y6T17'
    WHEN age < 25 THEN 'Y18T24'
    WHEN age < 65 THEN 'Y25T64'
    ELSE 'Y_GE65'
END;
-- known_before: what a register, by its bits, knew before a half-year. 1: had a sign in the one before; 2: had none in
-- the two years before, all of them after half-year `since`; 0: neither.
CREATE OR REPLACE TEMP MACRO known_before(bits, half, since) AS CASE
    WHEN ((bits >> (half - 1)) & 1) = 1 THEN 1
    WHEN half - 4 >= since AND ((bits >> (half - 4)) & 15) = 0 THEN 2
    ELSE 0
END;
