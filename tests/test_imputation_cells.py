"""What draws change in the accounts and cells of a few persons."""

import duckdb
import pytest
from accounts_session import ACCOUNTS, COUNTRY, PERIOD, PROFILE, SOURCES, Registers, bind, rows

from migflow import contracts, transformations
from migflow.imputation import accounts, changes_of_cells, counts, draws, intervals

KNOWN = {**PERIOD, **PROFILE}
ADDITIVE = [
    table
    for table in ACCOUNTS
    if (rule := contracts.load(table).uncertainty) and rule.additive and not counts.is_counted(table)
]
UNCERTAIN = [table for table in ACCOUNTS if contracts.load(table).has_intervals]


# Records that may mean either of two persons, the first of whom they are linked to.
EITHER = {"m:001": ("t1", "t2"), "m:004": ("e1", "e2"), "m:006": ("e1", "e2")}


def registers() -> Registers:
    """Twins in A, one of whom moved to B; a certain move from B to C; one from A to D that nobody is found for.

    One of two men of B left for Germany, and one came back; a housemate of the first moved in between, who left nobody
    behind or not.
    """
    r = Registers()
    for name in ("t1", "t2", "x"):
        r.person(name)
        r.registered(name, "A/s/1", "2010-01-01")
    for name, home in {"y": "B/t/1", "e1": "B/t/9", "e2": "B/t/8", "z": "B/t/9"}.items():
        r.person(name, "1950-05-05" if name == "e2" else "1980-05-05", sex="M")
        r.registered(name, home, "2010-01-01")
    r.declared("t1", "arrival", "2020-03-01", "B/t/2", came="A")
    r.declared("y", "arrival", "2021-03-01", "C/u/1", came="B")
    r.declared("x", "arrival", "2021-07-01", "D/v/1", came="A")
    r.declared("e1", "departure", "2020-02-01", "B/t/9", went="DE")
    r.declared("z", "arrival", "2020-09-01", "C/u/2", came="B")
    r.declared("e1", "arrival", "2021-08-01", "C/u/1", came="DE")
    r.declared("e1", "arrival", "2022-02-01", "D/v/2", came="C")
    declared = [link for link in r.tables["person_links"] if link["source"] == "municipal_residence"]
    for row, link in zip(r.tables["municipal_residence"], declared, strict=True):
        row.update({"sex": "F" if row["record_id"] in ("m:001", "m:003") else "M"})
        row.update({"provider": "x", "declared_on": row["event_date"]})
        # The certain ones write the number; who does not has one all the same.
        sure = row["record_id"] not in (*EITHER, "m:003")
        row["personal_number"] = link["person_id"] if sure else None
        link.update({"match_probability": 0.9995 if sure else 0.6, "match_weight": 11.0 if sure else 0.5})
        if row["record_id"] == "m:003":
            link.update({"person_id": None, "pass": "none"})
    return r


def begun(r: Registers) -> duckdb.DuckDBPyConnection:
    """A session with the accounts and statistics, before any draw."""
    con = r.session()
    pair = {"source": "municipal_residence", "decision": None}
    candidates = [
        {**pair, "record_id": record, "person_id": person, "match_probability": probability}
        for record, persons in EITHER.items()
        for person, probability in zip(persons, (0.6, 0.4), strict=True)
    ]
    bind(con, "review_pairs", candidates)
    for table in (*SOURCES, "review_pairs"):
        # As in a session of the store; what is registered would come before every schema.
        con.execute(f"CREATE TABLE main.{table} AS FROM {table}")
        con.unregister(table)
    for table in ACCOUNTS:
        query = transformations.sql(table)
        con.execute(f"CREATE TABLE {table} AS {query}", transformations.used(query, KNOWN) or None)
    return con


@pytest.fixture(scope="module")
def drawn():
    con = begun(registers())
    with pytest.MonkeyPatch.context() as patch:
        # All declarations with a number are linked: so should those without be.
        patch.setattr(draws, "BELIEF", 0)
        draws.draw_links(con, COUNTRY)
    accounts.spells_of_draws(con, KNOWN)
    con.execute(f"CREATE TABLE drawn_counts AS {counts.changes(con, KNOWN)}")
    return con


def test_the_certain_link_stays_and_the_twins_share_the_uncertain_one(drawn):
    found = dict(rows(drawn, "SELECT person_id, count(*) FROM link_draws WHERE record_id = 'm:001' GROUP BY ALL"))
    assert set(found) == {"t2"} and 2 <= found["t2"] <= 14
    assert not rows(drawn, "FROM link_draws WHERE record_id = 'm:002'")


def test_a_record_of_nobody_known_is_stood_in_for_by_residents_of_its_origin(drawn):
    found = rows(drawn, "SELECT DISTINCT person_id FROM link_draws WHERE record_id = 'm:003'")
    assert found and set(found) <= {("t1",), ("t2",), ("x",)}


@pytest.fixture(scope="module")
def anew(drawn):
    """Tables with intervals, worked out with the links of the draws that change most; 0: those of person_links."""
    found = {0: {table: _values(drawn, table) for table in UNCERTAIN}}
    most = "SELECT draw FROM link_draws GROUP BY draw ORDER BY count(*) DESC, draw LIMIT 2"
    for (draw,) in rows(drawn, most):
        r = registers()
        query = f"SELECT source, record_id, person_id FROM link_draws WHERE draw = {draw}"
        links = {(source, record): person for source, record, person in rows(drawn, query)}
        for link in r.tables["person_links"]:
            link["person_id"] = links.get((link["source"], link["record_id"]), link["person_id"])
        con = begun(r)
        found[draw] = {table: _values(con, table) for table in UNCERTAIN}
    return found


@pytest.mark.parametrize("table", UNCERTAIN)
def test_each_draw_changes_the_cells_as_if_all_were_worked_out_anew(drawn, anew, table):
    changed = changes_of_cells.make_changes(drawn, table, KNOWN)
    compared = 0
    for draw in anew.keys() - {0}:
        before, after = anew[0][table], anew[draw][table]
        expected = {cell: after.get(cell, 0) - before.get(cell, 0) for cell in before.keys() | after.keys()}
        expected = {cell: pytest.approx(value) for cell, value in expected.items() if value}
        assert _values(drawn, changed, f"draw = {draw}") == expected
        compared += len(expected)
    assert compared


@pytest.mark.parametrize("table", ADDITIVE)
def test_what_is_called_additive_adds_up_over_halves_of_what_it_reads(drawn, table):
    read = set(transformations.inputs(table)) & set(counts.chain(table))
    summed = dict.fromkeys(_values(drawn, table), 0.0)
    for half in (0, 1):
        bound = {name: f"main.{name}" for name in transformations.inputs(table)}
        for name in read:
            key = ", ".join(contracts.load(name).key)
            some = f"SELECT * FROM {name} WHERE hash({key}) % 2 = {half}"
            drawn.execute(f"CREATE OR REPLACE TABLE half_{half}_{name} AS {some}")
            bound[name] = f"main.half_{half}_{name}"
        accounts.make(drawn, "half", bound, [table], KNOWN)
        for cell, value in _values(drawn, f"half.{table}").items():
            summed[cell] = summed.get(cell, 0) + value
    assert summed == pytest.approx(_values(drawn, table))


def test_every_table_with_intervals_is_tried_here():
    assert set(UNCERTAIN) == {contract.table for contract in contracts.load_all().values() if contract.has_intervals}


@pytest.mark.parametrize("table", UNCERTAIN)
def test_intervals_hold_the_mean_over_the_draws(drawn, table):
    key = ", ".join(contracts.load(table).key)
    shown = intervals.add(drawn, table, KNOWN)
    assert rows(drawn, f"SELECT count(*) FROM ({shown})") == rows(drawn, f"SELECT count(*) FROM {table}")
    assert not rows(drawn, "FROM pooled WHERE NOT (lower <= corrected AND corrected <= upper)")
    # One of twenty draws cannot make an interval of no width.
    changed = f"SELECT DISTINCT {key} FROM change.{table} GROUP BY ALL HAVING count(*) < 20"
    assert not rows(drawn, f"FROM pooled SEMI JOIN ({changed}) USING ({key}) WHERE upper - lower < 1e-6")


def test_intervals_hold_the_value_and_counts_stay_above_zero(drawn):
    table = "internal_migration_by_municipality"
    shown = rows(drawn, intervals.add(drawn, table, KNOWN))
    cells = {row[:3]: row for row in shown}
    value, lower, upper = (cells[2020, "B", "in_moves"][at] for at in (3, -2, -1))
    # Whoever of the twins it is, one moved.
    assert (value, lower, upper) == (1, 1, 1)
    # The move to D counts nowhere yet; somebody made it.
    (corrected,) = rows(
        drawn, "SELECT corrected FROM pooled WHERE area = 'A' AND time_period = 2021 AND indicator = 'out_moves'"
    )[0]
    assert 0.5 < corrected <= 1
    assert all(row[-2] >= 0 for row in shown if not row[2].startswith("net"))


def test_without_draws_the_interval_is_the_value():
    con = begun(registers())
    bind(con, "drawn_counts", [])
    query = intervals.add(con, "population", KNOWN)
    assert rows(con, f"SELECT count(*) FROM ({query}) WHERE lower <> obs_value OR upper <> obs_value") == [(0,)]
    assert rows(con, f"SELECT count(*) > 0 FROM ({query})") == [(True,)]


def _values(con: duckdb.DuckDBPyConnection, table: str, condition: str = "TRUE") -> dict[tuple[object, ...], float]:
    key = ", ".join(contracts.load(table.split(".")[-1]).key)
    found = rows(con, f"SELECT {key}, obs_value FROM {table} WHERE {condition}")
    return {tuple(row[:-1]): round(float(row[-1]), 9) for row in found if row[-1]}
