"""Training without labels: data drawn from known parameters give them back, and what cannot be learnt is said."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from migflow.linkage import (
    Block,
    Comparison,
    Deterministic,
    LinkageModel,
    LinkResult,
    Options,
    dedupe,
    expectation,
    link,
    samples,
)

# By column: how many values, and how often two records of one person agree.
COLUMNS = {"first": (150, 0.90), "last": (400, 0.85), "town": (30, 0.95), "born": (800, 0.92), "job": (12, 0.70)}
YEARS = (0.03, 0.09, 0.88)
PERSONS, EACH, SHARED = 3_000, 2_000, 1_000


def drawn(seed: int, missing: float = 0.05) -> tuple[pa.Table, pa.Table]:
    """Two tables of 2,000 persons each, of whom 1,000 are in both; columns independent, values of unequal frequency."""
    draw = np.random.default_rng(seed)
    tables: list[dict[str, np.ndarray]] = [{}, {}]
    for column, (values, agree) in COLUMNS.items():
        share = 1 / (np.arange(values) + 10)
        truth = draw.choice(values, PERSONS, p=share / share.sum())
        other = draw.choice(values, PERSONS, p=share / share.sum())
        # A value drawn anew is sometimes the same one again.
        anew = (1 - agree) / (1 - ((share / share.sum()) ** 2).sum())
        tables[0][column] = truth[:EACH]
        tables[1][column] = np.where(draw.random(PERSONS) < anew, other, truth)[PERSONS - EACH :]
    year = draw.integers(1900, 2000, PERSONS)
    shift = draw.choice([37, 1, 0], PERSONS, p=YEARS)
    tables[0]["year"], tables[1]["year"] = year[:EACH], ((year - 1900 + shift) % 100 + 1900)[PERSONS - EACH :]
    built = []
    for number, table in enumerate(tables):
        columns = {c: pa.array(v, mask=draw.random(EACH) < missing) for c, v in table.items()}
        ids = np.arange(EACH) + number * (PERSONS - EACH)
        built.append(pa.table({"id": pa.array([f"{n:05}{'LR'[number]}" for n in ids]), **columns}))
    return built[0], built[1]


COMPARES = (*(Comparison((c,)) for c in COLUMNS), Comparison(("year",), "numeric", (1,)))


def model(*blocks: Sequence[str], **others) -> LinkageModel:
    return LinkageModel("id", tuple(Block(tuple(b)) for b in blocks), COMPARES, **others)


USUAL = model(["first", "town"], ["last"], ["born"])
MOST = SHARED / EACH**2


def agreement(result: LinkResult) -> list[tuple[float, ...]]:
    return [c.parameters.m for c in result.model.compares]


def right_ones(pairs: pa.Table) -> np.ndarray:
    """Whether the records of each link are of one person."""
    left, right = pairs["left_id"].to_pylist(), pairs["right_id"].to_pylist()
    return np.array([a[:5] == b[:5] for a, b in zip(left, right, strict=True)])


@pytest.fixture(scope="module")
def tables() -> tuple[pa.Table, pa.Table]:
    return drawn(1)


@pytest.fixture(scope="module")
def result(tables) -> LinkResult:
    return link(*tables, USUAL)


def test_m_of_the_data_is_found_within_three_hundredths(result: LinkResult):
    for found, (column, (_, agree)) in zip(agreement(result), COLUMNS.items(), strict=False):
        assert found[-1] == pytest.approx(agree, abs=0.03), column
        assert sum(found) == pytest.approx(1)
    assert agreement(result)[-1] == pytest.approx(YEARS, abs=0.03)


def test_u_is_how_often_values_of_two_persons_agree(result: LinkResult):
    for compare, (values, _) in zip(result.model.compares, COLUMNS.values(), strict=False):
        share = 1 / (np.arange(values) + 10)
        by_chance = ((share / share.sum()) ** 2).sum()
        assert compare.parameters.u[-1] == pytest.approx(by_chance, rel=0.1)
    assert result.model.compares[-1].parameters.u == pytest.approx((0.97, 0.02, 0.01), rel=0.1)


def test_the_prior_of_the_data_is_found_within_a_fifth(result: LinkResult):
    assert result.model.prior == pytest.approx(MOST, rel=0.2)
    for rule in result.training.rules:
        assert 500 < rule.matches < 1_100 and not rule.lookalikes
    assert result.training.converged and result.training.warnings == ()


def test_links_are_right_as_often_as_their_probabilities_say(result: LinkResult):
    probability = result.pairs["match_probability"].to_numpy()
    assert right_ones(result.pairs).sum() > 0.93 * SHARED
    assert right_ones(result.pairs).mean() == pytest.approx(probability.mean(), abs=0.02)


def test_duplicates_in_one_table_teach_the_same(tables):
    found = dedupe(pa.concat_tables(tables), USUAL)
    for m, (_, agree) in zip(agreement(found), COLUMNS.values(), strict=False):
        assert m[-1] == pytest.approx(agree, abs=0.03)
    assert found.model.prior == pytest.approx(SHARED / (EACH * (2 * EACH - 1)), rel=0.2)


@pytest.mark.parametrize("blocks", [(["born"], ["last"]), (["first"], ["last"], ["town", "year"])])
def test_other_rules_teach_the_same(tables, blocks):
    found = link(*tables, model(*blocks))
    for m, (column, (_, agree)) in zip(agreement(found), COLUMNS.items(), strict=False):
        assert m[-1] == pytest.approx(agree, abs=0.04), column
    assert found.model.prior == pytest.approx(MOST, rel=0.2)


def test_a_sample_of_the_pairs_teaches_nearly_the_same(tables, result: LinkResult, monkeypatch):
    monkeypatch.setattr(samples, "PAIRS", 8_000)
    monkeypatch.setattr(samples, "PAIRS_IF_SPARSE", 8_000)
    found = link(*tables, USUAL)
    assert any(rule.sampled < rule.pairs for rule in found.training.rules)
    for one, other in zip(agreement(found), agreement(result), strict=True):
        assert one == pytest.approx(other, abs=0.04)
    assert found.model.prior == pytest.approx(result.model.prior, rel=0.2)


def test_another_seed_is_another_sample_and_the_same_seed_the_same(tables, result: LinkResult, monkeypatch):
    monkeypatch.setattr(samples, "PAIRS", 8_000)
    monkeypatch.setattr(samples, "PAIRS_IF_SPARSE", 8_000)
    one, again, other = (link(*tables, USUAL, options=Options(seed=seed)) for seed in (3, 3, 4))
    assert one.model == again.model != other.model


@pytest.mark.parametrize("columns", [["town"], ["town", "county", "state"]])
def test_what_all_pairs_of_a_rule_share_is_no_evidence(columns: list[str]):
    """Inside a postcode all are of one town: that must not make every pair of the rule a match."""
    left, right = drawn(2)
    draw = np.random.default_rng(5)
    home = draw.integers(0, 100, PERSONS)
    moved = np.where(draw.random(PERSONS) < 0.1, draw.integers(0, 100, PERSONS), home)
    sides = []
    for table, postcode in ((left, home[:EACH]), (right, moved[PERSONS - EACH :])):
        table = table.drop_columns("town").append_column("postcode", pa.array(postcode))
        for level, column in enumerate(columns):
            table = table.append_column(column, pa.array(postcode // (10 * 2**level)))
        sides.append(table)
    kept = [Comparison((c,)) for c in ("first", "last", "job")]
    compares = (*kept, *(Comparison((c,)) for c in columns), COMPARES[-1])
    rules = (Block(("postcode",)), Block(("last", "first")), Block(("born",)))
    found = link(*sides, LinkageModel("id", rules, compares))
    taught = {rule.rule: rule.matches for rule in found.training.rules}
    assert taught["postcode"] < 1.5 * SHARED
    assert found.model.prior == pytest.approx(MOST, rel=0.3)
    assert right_ones(found.pairs).mean() > 0.93
    assert right_ones(found.pairs).sum() > 0.8 * SHARED


def test_levels_that_are_never_seen_are_named(tables):
    compare = Comparison(("born",), "levenshtein", (1, 2, 30))
    texts = [
        t.set_column(4, "born", pa.array([f"{v:04} of the year" if v else None for v in t["born"].to_pylist()]))
        for t in tables
    ]
    exact = LinkageModel("id", (Block(("first",)), Block(("last",))), (COMPARES[0], COMPARES[1], compare))
    same = [t.set_column(4, "born", pa.array(["1980"] * EACH)) for t in tables]
    warnings = link(*same, exact).training.warnings
    assert "born: level 'differs' was never seen among likely matches." in warnings
    assert "born: level 'at most 1 edits' was never seen among likely matches." in warnings
    assert not any("'equal'" in warning for warning in warnings)
    assert not any("'equal'" in w or "first" in w for w in link(*texts, exact).training.warnings)


def test_a_comparison_that_every_rule_blocks_on_is_named(tables):
    compares = (Comparison(("last",)), Comparison(("town",)), Comparison(("job",)))
    rules = (Block(("last", "year")), Block(("substr(last, 1, 9)", "first")))
    trained = link(*tables, LinkageModel("id", rules, compares))
    warnings = trained.training.warnings
    assert [w.split(":")[0] for w in warnings if "every rule blocks on it" in w] == ["last"]
    m, u = trained.model.compares[0].parameters.m, trained.model.compares[0].parameters.u
    assert m[-1] > u[-1]


def test_no_candidate_pair_is_said(tables):
    nothing = [t.append_column("key", pa.array([f"{n}{side}" for n in range(EACH)])) for side, t in enumerate(tables)]
    trained = link(*nothing, LinkageModel("id", (Block(("key",)),), COMPARES))
    assert trained.training.warnings == ("No rule makes a candidate pair: parameters are the starting values.",)
    assert trained.pairs.num_rows == 0 and trained.model.trained


def test_training_that_was_cut_short_says_so(tables, monkeypatch):
    monkeypatch.setattr(expectation, "ITERATIONS", 2)
    cut = link(*tables, USUAL).training
    assert not cut.converged
    assert cut.last_change >= expectation.TOLERANCE
    assert any("did not converge" in warning for warning in cut.warnings)


def test_a_rule_known_to_be_right_sets_the_prior(tables):
    share = COLUMNS["first"][1] * COLUMNS["last"][1] * COLUMNS["born"][1] * 0.95**6
    rule = Deterministic(("first", "last", "born"), share)
    assert link(*tables, model(["last"], ["born"], deterministic=(rule,))).model.prior == pytest.approx(MOST, rel=0.2)
    half = Deterministic(("first", "last", "born"), share / 2)
    assert link(*tables, model(["last"], ["born"], deterministic=(half,))).model.prior == pytest.approx(
        2 * MOST, rel=0.2
    )
