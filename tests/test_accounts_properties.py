"""Whatever the registers say, spells neither overlap nor gap, accounts close, and flows sum to their margins."""

import datetime as dt
from typing import Any

import pytest
from accounts_session import ACCOUNTS, MUNICIPALITIES, SPELLS, Registers, count, derive
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from migflow.statistics import invariants

pytestmark = pytest.mark.usefixtures("without_great_expectations")

SNAPSHOTS = ("2019-12", "2020-12", "2021-12", "2022-12")
FIRST, LAST = dt.date(2018, 1, 1), dt.date(2023, 2, 1)

days = st.dates(FIRST, LAST).map(dt.date.isoformat)
# Few days, so that statements of one day contradict one another.
crowded = st.sampled_from(["2019-12-31", "2020-01-01", "2020-03-01", "2020-12-31", "2021-01-01", "2021-06-15"])
places = st.builds(
    lambda parts, depth: "/".join(parts[:depth]),
    st.tuples(st.sampled_from(MUNICIPALITIES), st.sampled_from("st"), st.sampled_from("12"), st.sampled_from("12")),
    st.integers(1, 4),
)
declarations = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["arrival", "departure", "change_of_address"]),
        "on": days | crowded,
        "place": places,
        "came": st.sampled_from([None, *MUNICIPALITIES, "DE", "XK"]),
        "went": st.sampled_from([None, *MUNICIPALITIES, "CH", "XK", "?"]),
    }
)
lives = st.fixed_dictionaries(
    {
        "born": st.sampled_from(["1960-02-29", "1999-12-31", "2020-01-01", "2020-03-01", "2021-06-15"]),
        "died": st.none() | st.sampled_from(["2019-06-01", "2020-01-01", "2020-03-01", "2021-12-31", "2023-01-15"]),
        "acts": st.sets(st.sampled_from(["birth", "death"])),
        "registrations": st.lists(st.tuples(places, st.none() | days | crowded), min_size=1, max_size=4),
        "first": st.integers(0, 3),
        "declarations": st.lists(declarations, max_size=6),
    }
)


def write(registers: Registers, name: str, life: dict[str, Any]) -> None:
    """Put one life into the registers; what cannot be in a delivery (events before birth) is left out."""
    born = life["born"]
    died = life["died"] if life["died"] and life["died"] >= born else None
    registers.person(name, born, died=died)
    seen = [m for m in SNAPSHOTS[life["first"] :] if m >= born[:7]] or [SNAPSHOTS[-1]]
    for month, (place, since) in zip(seen, life["registrations"], strict=False):
        registers.registered(name, place, since, [month])
    if "birth" in life["acts"]:
        registers.act(name, "birth", born, MUNICIPALITIES[0])
    if "death" in life["acts"] and died:
        registers.act(name, "death", died)
    for declaration in life["declarations"]:
        registers.declared(name, **declaration)


@settings(max_examples=12, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(st.lists(lives, min_size=1, max_size=12))
def test_accounts_hold_for_any_history(histories):
    registers = Registers(SNAPSHOTS)
    for number, life in enumerate(histories):
        write(registers, f"P{number:02d}", life)
    con = registers.session()
    # Indices take the longest to make, and no invariant reads them.
    derive(con, *(table for table in ACCOUNTS if table != "migration_indices"))
    for invariant in invariants.invariants():
        assert invariants.count(con, invariant).failing_rows == 0, invariant.name
    assert count(con, "SELECT * FROM residence_spells WHERE from_date >= '2023-01-01' OR to_date > '2023-01-01'") == 0
    assert count(con, "SELECT * FROM moves WHERE move_date < '2020-01-01' OR move_date >= '2023-01-01'") == 0
    assert count(con, LIVES_AFTER_DEATH) == 0
    assert count(con, MOVES_WITHOUT_SPELL) == 0


LIVES_AFTER_DEATH = """
    FROM residence_spells AS s JOIN persons AS p USING (person_id)
    WHERE s.from_date < p.birth_date OR s.from_date > p.death_date OR s.to_date > p.death_date + 1
"""
MOVES_WITHOUT_SPELL = """
    FROM moves AS m ANTI JOIN residence_spells AS s
    ON m.person_id = s.person_id AND m.move_date IN (s.from_date, s.to_date)
"""


@settings(max_examples=10, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(lives, st.randoms(use_true_random=False))
def test_order_of_rows_and_double_entries_do_not_matter(life, random):
    # Of contradictions on one day the record id decides, and it follows the order; hence one declaration a day.
    by_day = {declaration["on"]: declaration for declaration in life["declarations"]}
    life = dict(life, declarations=list(by_day.values()))
    once = Registers(SNAPSHOTS)
    write(once, "P", life)
    twice = Registers(SNAPSHOTS)
    life = dict(life, declarations=random.sample(life["declarations"] * 2, k=2 * len(life["declarations"])))
    write(twice, "P", life)
    assert moves_between(once) == moves_between(twice)


def moves_between(registers: Registers) -> list[tuple[Any, ...]]:
    con = registers.session()
    derive(con, *SPELLS)
    return con.execute(
        "SELECT municipality, from_date, to_date, entry_reason, exit_reason FROM residence_spells"
    ).fetchall()
