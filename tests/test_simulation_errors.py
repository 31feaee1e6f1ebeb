"""Registers err as often as the configuration says, and in no other way."""

import dataclasses

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from migflow import countries
from migflow.simulation import calendar, identity, lives, residence, spelling
from migflow.simulation.addresses import AddressBook
from migflow.simulation.config import AddressErrors, CivilRegistry, Lives, MunicipalCounters, TextErrors
from migflow.simulation.country import NO_STREET
from migflow.simulation.declaration_extract import declaration_columns
from migflow.simulation.declarations import ARRIVAL, CHANGE, DEPARTURE, Declarations, declare
from migflow.simulation.files import Dates
from migflow.simulation.handwriting import Clerk, Texts, proneness
from migflow.simulation.names import COMMUNITIES, load_first_names, load_surnames
from migflow.simulation.population import ABROAD
from migflow.simulation.registry import keep_registry
from migflow.simulation.world import EMIGRATION, INTERNAL, World
from migflow.standardise import identifiers

NO_TEXT_ERRORS = TextErrors(0, 0, 0, 0, 0, 0, 0, 0, 0)
NO_ADDRESS_ERRORS = AddressErrors(0, 0, 0, 0, 0, 0)
ROWS = 40_000


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.fixture(scope="module")
def world() -> World:
    return lives.live(rng(), Lives(), 40_000, 2022, 3, lambda _: None)


@pytest.fixture(scope="module")
def moves(world: World) -> dict[str, np.ndarray]:
    return world.moves.joined()


@pytest.fixture(scope="module")
def declared(world: World, moves: dict[str, np.ndarray]) -> Declarations:
    made = declare(rng(), MunicipalCounters(double_entry=0.0), world, moves)
    unit = moves["unit"][made.move]
    return made.chosen(np.lexsort((made.move, unit, made.kind, made.declared, made.municipality)))


def names_written(errors: TextErrors, language: int) -> tuple[list[str], list[str], np.ndarray, np.ndarray, np.ndarray]:
    """First names and surnames of 40,000 records of all communities as written, and those meant."""
    first, last = load_first_names(), load_surnames()
    community = (np.arange(ROWS) % len(COMMUNITIES)).astype(np.int8)
    sexes = (np.arange(ROWS) // 7 % 2).astype(np.int8)
    given, family = first.draw(rng(), community, sexes), last.draw(rng(), community)
    clerk = Clerk(rng(), errors, first, last, np.full(ROWS, language, np.int8), proneness(rng(), 1.0, ROWS))
    written = clerk.names(given, family)
    one, two = (t.array().cast(pa.string()).to_pylist() for t in written)
    return one, two, first.forms[given], last.forms[family], last.albanian[family]


def share(texts: list[str], meant: np.ndarray) -> float:
    return float(np.mean(np.array(texts, object) != meant))


def test_a_clerk_without_errors_writes_what_is_meant() -> None:
    one, two, first, last, _ = names_written(NO_TEXT_ERRORS, 0)
    assert one == first.tolist()
    assert two == last.tolist()


def test_typing_errors_come_at_their_rate_in_each_name() -> None:
    one, two, first, last, _ = names_written(dataclasses.replace(NO_TEXT_ERRORS, typing=0.05), 0)
    assert share(one, first) == pytest.approx(0.05, abs=0.006)
    assert share(two, last) == pytest.approx(0.05, abs=0.006)


def test_errors_come_together() -> None:
    one, two, first, last, _ = names_written(dataclasses.replace(NO_TEXT_ERRORS, typing=0.05), 0)
    wrong_first, wrong_last = np.array(one, object) != first, np.array(two, object) != last
    assert float(np.mean(wrong_first & wrong_last)) == pytest.approx(2 * 0.05**2, rel=0.4)  # E[p^2] of prone rows


def test_swapped_names_come_at_their_rate() -> None:
    one, two, first, last, _ = names_written(dataclasses.replace(NO_TEXT_ERRORS, swapped_names=0.04), 0)
    swapped = (np.array(one, object) == last) & (np.array(two, object) == first)
    assert float(np.mean(swapped)) == pytest.approx(0.04, abs=0.005)


def test_names_of_the_other_language_are_respelt_at_their_rate() -> None:
    _, two, _, last, albanian = names_written(dataclasses.replace(NO_TEXT_ERRORS, other_language=0.5), 0)
    respelt = np.array(two, object) != last
    assert not respelt[albanian].any()
    changeable = np.array([spelling.to_albanian(name) != name for name in last]) & ~albanian
    assert float(respelt[changeable].mean()) == pytest.approx(0.5, abs=0.02)


def test_an_office_that_writes_cyrillic_writes_all_but_the_other_script_in_it() -> None:
    _, two, *_ = names_written(dataclasses.replace(NO_TEXT_ERRORS, other_script=0.1), 2)
    latin = [any("a" <= letter.lower() <= "z" for letter in name) for name in two]
    assert float(np.mean(latin)) == pytest.approx(0.1, abs=0.01)


def test_birth_dates_are_swapped_and_mistyped_at_their_rates() -> None:
    days = rng().integers(0, 15_000, ROWS).astype(np.int32)
    for errors, rate in (
        (dataclasses.replace(NO_TEXT_ERRORS, day_month_swapped=0.3), 0.3 * 11 / 30.4),  # 1 May or the 13th stay
        (dataclasses.replace(NO_TEXT_ERRORS, birth_date_typing=0.05), 0.05),
    ):
        clerk = Clerk(rng(), errors, load_first_names(), load_surnames(), np.zeros(ROWS, np.int8), np.ones(ROWS))
        assert float(np.mean(clerk.birth_dates(days) != days)) == pytest.approx(rate, abs=0.01)


def test_day_and_month_are_exchanged_only_where_that_is_a_date() -> None:
    days = np.array([calendar.day(1990, 2, 11), calendar.day(1990, 2, 13), calendar.day(1990, 5, 5)], np.int32)
    expected = [calendar.day(1990, 11, 2), calendar.day(1990, 2, 13), calendar.day(1990, 5, 5)]
    assert calendar.swap_day_and_month(days).tolist() == expected


def test_one_name_in_the_spellings_of_the_offices() -> None:
    assert spelling.to_albanian("Hodžić") == "Hoxhiq"
    assert spelling.to_serbian("Gjakovë") == "Đakove"
    assert spelling.to_cyrillic("Ljiljana Džordžević") == "Љиљана Џорџевић"
    assert spelling.fit_encoding("Hoxhë Đorđe", "windows-1251") == "Hoxhe Djordje"
    assert spelling.fit_encoding("Љиљана Шарић", "windows-1250") == "Ljiljana Šarić"


def test_addresses_lose_parts_at_their_rates(world: World) -> None:
    book, d = AddressBook(world.country), world.country.dwellings
    dwelling = rng().integers(0, len(d.street), ROWS).astype(np.int32)
    language = np.zeros(ROWS, np.int8)

    def changed(errors: AddressErrors) -> np.ndarray:
        plain, erring = (book.write(rng(), e, dwelling, language).address for e in (NO_ADDRESS_ERRORS, errors))
        return pc.not_equal(plain, erring).to_numpy(zero_copy_only=False)

    everyone = np.ones(ROWS, bool)
    named = d.street[dwelling] != NO_STREET
    renamed = named & np.array([bool(s[2]) for s in world.country.streets])[d.street[dwelling]]
    for error, concerned in (
        ("abbreviated", named),
        ("without_number", everyone),
        ("former_street_name", renamed),
        ("typing", named),
        ("without_dwelling", d.dwelling[dwelling] > 0),
    ):
        found = changed(dataclasses.replace(NO_ADDRESS_ERRORS, **{error: 0.2}))
        assert float(found[concerned].mean()) == pytest.approx(0.2, abs=0.02), error


def test_moves_are_declared_at_their_rates(world: World, moves: dict[str, np.ndarray], declared: Declarations) -> None:
    of = world.country.dwellings.municipality
    before = moves["day"] < world.end - 330  # late declarations of these have come in
    inside = (moves["kind"] == INTERNAL) & before
    crosses = of[moves["origin"]] != of[moves["destination"]]
    rates = MunicipalCounters()
    for kind, concerned, rate in (
        (ARRIVAL, inside & crosses, rates.arrival_declared),
        (DEPARTURE, inside & crosses, rates.departure_declared),
        (CHANGE, inside & ~crosses, rates.change_declared),
        (DEPARTURE, (moves["kind"] == EMIGRATION) & before, rates.emigration_declared),
    ):
        told = np.unique(moves["unit"][declared.move[declared.kind == kind]])
        units = np.unique(moves["unit"][concerned])
        assert float(np.isin(units, told).mean()) == pytest.approx(rate, abs=0.04), kind


def test_nothing_is_declared_before_it_happens_and_some_months_late(
    moves: dict[str, np.ndarray], declared: Declarations
) -> None:
    delay = declared.declared - moves["day"][declared.move]
    assert delay.min() >= 0
    assert float(np.mean(delay > 45)) == pytest.approx(MunicipalCounters().late_entry, abs=0.05)


def test_personal_numbers_in_declarations_err_at_their_rates(
    world: World, moves: dict[str, np.ndarray], declared: Declarations
) -> None:
    numbers = identity.personal_numbers(1, world.people.count)
    rates = MunicipalCounters(number_mistyped=0.05, number_of_relative=0.0)
    language = np.zeros(len(declared.move), np.int8)
    book = AddressBook(world.country)
    codes, _, _ = lives.countries_of_migration()
    columns, _, _ = declaration_columns(rng(), rates, world, moves, declared, book, numbers, language, codes)
    written, dates = columns["personal_number"], columns["birth_date"]
    assert isinstance(dates, Dates)
    assert isinstance(columns["first_name"], Texts)
    missing = np.array(pc.is_null(written))
    assert float(missing.mean()) == pytest.approx(rates.number_missing, abs=0.015)
    own = numbers[moves["person"][declared.move]]
    sent = np.array(pc.fill_null(written, "0").cast(pa.int64()))
    assert float(np.mean(sent[~missing] != own[~missing])) == pytest.approx(0.05, abs=0.015)
    assert float(np.mean(dates.days < -(10**6))) == pytest.approx(rates.birth_date_missing, abs=0.005)


def test_personal_numbers_keep_the_rule_of_the_country_and_are_distinct() -> None:
    numbers = identity.personal_numbers(123_456_789, 50_000)
    rule = identifiers.load(countries.find("kosovo"))["personal_number"]
    assert identifiers.valid(identity.as_text(numbers), rule).all()
    assert len(np.unique(numbers)) == len(numbers)
    assert not np.isin(identity.mistyped(rng(), numbers), numbers).mean() > 0.01


def test_registry_is_stale_and_double_at_its_rates(
    world: World, moves: dict[str, np.ndarray], declared: Declarations
) -> None:
    rates, start = CivilRegistry(stale_at_start=0.1, double_entry=0.02), calendar.day(2022)
    births, deaths = world.births.joined(), world.deaths.joined()
    entered = [(log["person"], log["day"]) for log in (births, deaths)]
    registry = keep_registry(rng(), rates, world, moves, declared, start, *entered)
    assert float(registry.double.mean()) == pytest.approx(0.02, abs=0.004)
    address = np.full(registry.count, -1)
    registry.addresses.apply(address, -(2**30), start - 1)
    at_start = np.flatnonzero(address >= 0)
    meant = registry.address_dwelling[address[at_start]]
    true = world.first_dwelling[registry.person[at_start]]
    assert float(np.mean(meant != true)) == pytest.approx(0.1, abs=0.01)
    assert (registry.address_since[address[at_start]] < start).all()


def test_the_timeline_answers_with_the_last_step_up_to_the_day() -> None:
    person, day, value = (np.array(x, np.int32) for x in ([2, 1, 1], [5, 20, 10], [7, 9, 8]))
    line = residence.Timeline.of(person, day, value)
    asked = np.array([1, 1, 1, 1, 2, 3], np.int32)
    days = np.array([9, 10, 19, 20, 4, 50], np.int32)
    assert line.at(asked, days, ABROAD).tolist() == [-1, 8, 8, 9, -1, -1]


def test_lives_follow_their_crude_rates(world: World, moves: dict[str, np.ndarray]) -> None:
    person_years = 40_000 * 3
    rates = Lives()
    for log, rate in ((world.births, rates.births), (world.deaths, rates.deaths)):
        assert len(log.joined()["day"]) / person_years * 1000 == pytest.approx(rate, rel=0.2)
    gone = int((moves["kind"] == EMIGRATION).sum())
    assert gone / person_years * 1000 == pytest.approx(rates.emigration, rel=0.25)
    # Young adults move most, as in every model schedule.
    age = (moves["day"] - world.people.birth[moves["person"]]) / 365.25
    young, old = ((age >= low) & (age < low + 10) for low in (20, 50))
    assert young.sum() > 2 * old.sum()
