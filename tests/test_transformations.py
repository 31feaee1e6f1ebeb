"""The period of the accounts: what deliveries and the setting as_of make possible."""

import datetime as dt

import pytest
from registers_tables import deliver

from migflow import transformations
from migflow.errors import MigflowError
from migflow.settings import Settings
from migflow.store import Store


def delivered(home, *months, as_of=None) -> Store:
    """A store that holds an empty snapshot of each month."""
    store = Store(Settings(home=home, as_of=as_of))
    for month in months:
        deliver(store, "civil_registry_persons", month, [])
    return store


def test_the_period_lies_between_the_first_snapshot_and_the_newest_month(tmp_path):
    store = delivered(tmp_path, "2019-12", "2020-12")
    assert transformations.period(store) == {"first_day": dt.date(2020, 1, 1), "as_of": dt.date(2021, 1, 1)}


@pytest.mark.parametrize(
    ("first", "newest", "needed"), [("2019-12", "2020-11", "2020-12"), ("2019-06", "2020-06", "2020-12")]
)
def test_less_than_a_calendar_year_of_deliveries_is_told(tmp_path, first, newest, needed):
    with pytest.raises(MigflowError, match=rf"No whole calendar year .* up to {needed}"):
        transformations.period(delivered(tmp_path, first, newest))


@pytest.mark.parametrize("as_of", [dt.date(2020, 12, 31), dt.date(2022, 1, 2)])
def test_an_impossible_as_of_date_is_told_with_what_is_possible(tmp_path, as_of):
    with pytest.raises(MigflowError, match=r"from 2021-01-01, .* to 2022-01-01"):
        transformations.period(delivered(tmp_path, "2019-12", "2021-12", as_of=as_of))


def test_an_as_of_date_inside_the_deliveries_is_taken(tmp_path):
    store = delivered(tmp_path, "2019-12", "2021-12", as_of=dt.date(2021, 7, 1))
    assert transformations.period(store)["as_of"] == dt.date(2021, 7, 1)
