"""Settlements of the cadastre are urban or rural as the profile says of those that bear their names."""

import dataclasses
from pathlib import Path

import pytest

from migflow import countries
from migflow.errors import MigflowError
from migflow.standardise import settlement_kinds

HEADER = "code,municipality,name,name_second,kind\n"


def kinds(tmp_path: Path, settlements: str, names: str = "") -> dict[str, str]:
    (tmp_path / "settlements.csv").write_text(settlements, encoding="utf-8")
    (tmp_path / "area_names.csv").write_text("area,language,kind,name\n" + names, encoding="utf-8")
    found = settlement_kinds.load(dataclasses.replace(countries.load("kosovo"), folder=tmp_path))
    return dict(zip(found["settlement_id"].to_pylist(), found["kind"].to_pylist(), strict=True))


def test_a_settlement_is_known_by_each_of_its_names_as_the_cadastre_folds_them(tmp_path: Path) -> None:
    found = kinds(tmp_path, HEADER + "S1,M1,Ferizaj,Uroševac,urban\n", "S1,sr-Cyrl,other,Феризај\nM1,sq,other,Komuna\n")
    assert found == {"M1:ferizaj": "urban", "M1:urosevac": "urban"}


def test_a_name_of_an_urban_and_a_rural_settlement_tells_neither(tmp_path: Path) -> None:
    found = kinds(tmp_path, HEADER + "S1,M1,Banja,,urban\nS2,M1,Banja,,rural\nS3,M2,Banja,,rural\n")
    assert found == {"M2:banja": "rural"}


def test_settlements_without_a_kind_are_neither(tmp_path: Path) -> None:
    assert kinds(tmp_path, HEADER + "S1,M1,Banja,,\n") == {}
    assert kinds(tmp_path, "code,municipality,name,name_second\nS1,M1,Banja,\n") == {}


def test_another_kind_is_refused_with_the_row(tmp_path: Path) -> None:
    with pytest.raises(MigflowError, match="kind of S1 is 'town', expected urban or rural, or nothing"):
        kinds(tmp_path, HEADER + "S1,M1,Banja,,town\n")


def test_each_municipality_of_kosovo_has_one_urban_settlement() -> None:
    kosovo = countries.load("kosovo")
    found = settlement_kinds.load(kosovo).to_pylist()
    urban = {row["settlement_id"].split(":")[0] for row in found if row["kind"] == "urban"}
    assert urban == {area.code for area in kosovo.municipalities}
