"""Free text to an area: names in every language, context where a name is borne twice, nothing guessed."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.areas import errors
from migflow import countries
from migflow.errors import MigflowError
from migflow.standardise import areas, place_names
from migflow.standardise.areas import Gazetteer
from migflow.standardise.place_names import Place, PlaceNames

KOSOVO = countries.load("kosovo")
MERIDIA = Path(__file__).parents[1] / "docs" / "own-country" / "profile"

# Two municipalities, and in each a Lower Village; one has a Long Meadow besides.
VILLAGES = Gazetteer(
    PlaceNames(
        bearers={
            "easton": (Place(0, "E", "municipality"),),
            "weston": (Place(0, "W", "municipality"),),
            "lower village": (Place(6, "E1", "settlement"), Place(6, "W1", "settlement")),
            "long meadow": (Place(6, "W2", "settlement"),),
        },
        parents={"E": "", "W": "", "E1": "E", "W1": "W", "W2": "W"},
        prefixes=("municipality of",),
    )
)


def resolved(text: str | None, within: str | None = None) -> tuple[str | None, str, str | None]:
    (found,) = VILLAGES.resolve([text], [within])
    return found.code, found.reason, found.area


@pytest.mark.parametrize(
    ("text", "within", "code", "reason", "area"),
    [
        ("Lower Village", None, None, "several places of this name", None),
        ("Lower Village", "W", "W1", "exact name in the area given", "W"),
        ("Lower Village", "E", "E1", "exact name in the area given", "E"),
        ("Lowre Village", "E", "E1", "fuzzy name", "E"),
        ("Lowre Village", None, None, "no name like it", None),
        ("Long Meadow", None, "W2", "exact name", "W"),
        ("Long Meadow", "W", "W2", "exact name", "W"),
        ("Long Meadow", "E", "W2", "exact name outside the area given", "W"),
        ("Easton", "E", "E", "exact name", "E"),
        ("Eastonn", "W", "E", "fuzzy name", "E"),
        ("Municipality of Easton", None, "E", "exact name", "E"),
        ("Municipality of", None, None, "no name like it", None),
        ("", "E", None, "no text", None),
        (None, None, None, "no text", None),
    ],
)
def test_the_wider_area_decides_between_places_of_one_name(text, within, code, reason, area):
    assert resolved(text, within) == (code, reason, area)


def test_a_place_between_two_names_is_not_guessed():
    bearers = {"novi grad": (Place(0, "A", "municipality"),), "novi brad": (Place(0, "B", "municipality"),)}
    (found,) = Gazetteer(PlaceNames(bearers, {"A": "", "B": ""})).resolve(["novi rad"])
    assert (found.code, found.reason) == (None, "ambiguous")


def test_a_places_own_name_goes_before_anothers_old_name():
    bearers = {"newtown": (Place(0, "A", "municipality"), Place(1, "B", "municipality"))}
    (found,) = Gazetteer(PlaceNames(bearers, {"A": "", "B": ""})).resolve(["Newtown"])
    assert found.code == "A"


def test_an_unknown_wider_area_is_told():
    with pytest.raises(MigflowError, match="within: X is no code"):
        VILLAGES.resolve(["Easton"], ["X"])


@given(st.lists(st.tuples(st.text(max_size=12), st.sampled_from([None, "E", "W"])), max_size=6))
def test_each_text_is_resolved_as_if_it_stood_alone(pairs):
    together = VILLAGES.resolve([t for t, _ in pairs], [w for _, w in pairs])
    assert together == [VILLAGES.resolve([t], [w])[0] for t, w in pairs]


@pytest.mark.parametrize(
    "text",
    ["", "....", "\u200f\u200e", "\x00\x07", "🏠🏠", "x" * 10_000, "ﻣﺤﻤﺪ", "中国", "12345", "Ко\u0301сово поље?"],
)
def test_what_names_no_place_is_flagged_and_harms_nothing(text):
    (found,) = areas.resolve([text], KOSOVO)
    assert found.reason
    assert (found.code is None) == (found.score is None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Komuna e Prizrenit", "XK20"),
        ("Opština Kosovska Mitrovica", "XK11"),
        ("Општина Пећ", "XK17"),
        ("KOMUNA E DRENASIT", "XK03"),
        ("Mamuşa", "XK32"),
        ("İpek", "XK17"),
        ("Vıçıtırın", "XK27"),
        ("Yakova", "XK02"),
    ],
)
def test_kosovos_municipalities_as_offices_and_languages_write_them(text, code):
    (found,) = areas.resolve([text], KOSOVO)
    assert (found.code, found.reason) == (code, "exact name")


@pytest.mark.parametrize(
    ("text", "code", "reason"),
    [
        ("Újvidék", "89010", "exact name"),
        ("Суботица", "80438", "exact name"),
        ("gradska opština Zemun", "70157", "exact name"),
        ("Kragujewatz", "70645", "fuzzy name"),
        ("Krusevatz", "70670", "name that sounds alike"),
        ("Palilula", None, "several places of this name"),
        ("Petrovaradin", "89010", "exact name"),
        ("Niš", "RSG1", "exact name"),
    ],
)
def test_serbias_municipalities_in_languages_of_the_neighbours(text, code, reason):
    (found,) = areas.resolve([text], countries.load("serbia"))
    assert (found.code, found.reason) == (code, reason)


@pytest.mark.parametrize(
    ("text", "within", "code", "area"),
    [
        ("Žur", None, "GN783780", "XK20"),
        ("fshati Zhur", None, "GN783780", "XK20"),
        ("Жур", "XK20", "GN783780", "XK20"),
        ("Korisha", "XK20", "GN789274", "XK20"),
        ("Korisha", None, None, None),
        ("Brod", None, None, None),
        ("Brod", "XK05", "GN792256", "XK05"),
        ("Брод", "XK23", "GN792255", "XK23"),
        ("Fshati i Vjetër", "XK25", "GN785510", "XK25"),
        ("Prizren", None, "XK20", "XK20"),
        ("Prizren", "XK20", "GN786712", "XK20"),
    ],
)
def test_kosovos_settlements_are_found_by_either_name_and_told_apart_by_municipality(text, within, code, area):
    (found,) = areas.resolve([text], KOSOVO, [within])
    assert (found.code, found.area) == (code, area)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MERIDIA, tmp_path / "profile"))


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("settlements.csv", "code,municipality,name,name_second\nS1,QX,Mill,\n", "settlement S1 lies in 'QX'"),
        ("settlements.csv", "code,municipality,name,name_second\nQM1,QM1,Mill,\n", "code QM1 stands twice"),
        ("settlements.csv", "code,name\nS1,Mill\n", "columns municipality, name_second are missing"),
        ("area_names.csv", "area,language,kind,name\nQX,en,old,Mill\n", "area 'QX' is not in areas.csv"),
    ],
)
def test_a_wrong_row_of_names_is_told(profile, file, content, told):
    (profile / file).write_text(content)
    with pytest.raises(MigflowError, match=told):
        place_names.load(countries.load(str(profile)))


def test_settlements_of_a_profile_are_resolved_to_their_municipality(profile):
    (profile / "settlements.csv").write_text("code,municipality,name,name_second\nS1,QM1,Millbrook,Muhlbach\n")
    (profile / "area_names.csv").write_text("area,language,kind,name\nS1,en,old,Old Mill\n")
    found = areas.resolve(["Muhlbach", "old mill"], countries.load(str(profile)))
    assert [(p.code, p.kind, p.area) for p in found] == [("S1", "settlement", "QM1")] * 2


def test_the_benchmark_makes_each_single_typing_error_once():
    assert sorted(errors("Ab")) == sorted(["b", "AAb", "Sb", "bA", "A", "Abb", "Av", "An"])
