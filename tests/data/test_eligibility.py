from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.data.eligibility import REASONS, Audience, GlobalHoldout, audience
from retention_lab.data.snapshot import snapshot
from retention_lab.errors import ConfigurationError, LabError
from retention_lab.hashing import unit_interval
from tests.data.small_tables import START, day, open_small, random_tables


def ask(
    folder: Path, tables: dict[str, pa.Table], as_of: float = 480, days: int = 30, **asked: Any
) -> Audience:
    with open_small(folder, tables) as opened:
        return audience(opened, day(as_of), min_days_between_assignments=days, **asked)


def ids(found: Audience) -> list[str]:
    return found.rows.column("customer_id").to_pylist()


def test_everyone_is_counted_once(tmp_path: Path) -> None:
    tables = random_tables()
    tables["suppressions"] = pa.table({"customer_id": [f"c{i:06d}" for i in range(0, 60, 5)]})
    holdout = GlobalHoldout(0.2, "salt", day(0))
    asked = {"where": "region = 'north'", "channel": "email", "global_holdout": holdout}
    found = ask(tmp_path, tables, days=60, **asked)
    assert found.considered == 60
    assert list(found.suppressed) == list(REASONS)
    assert min(found.suppressed.values()) > 0
    assert found.considered - sum(found.suppressed.values()) == found.rows.num_rows > 0
    assert ids(found) == sorted(ids(found))
    assert set(found.rows.column("region").to_pylist()) == {"north"}
    assert set(found.rows.column("consent_email").to_pylist()) == {True}
    assert found.notes == ()


def test_the_global_holdout_is_by_hash_and_only_in_its_time(tmp_path: Path) -> None:
    tables = {"transactions": random_tables()["transactions"]}
    everyone = ask(tmp_path, tables)
    share = unit_interval(ids(everyone), "s") < 0.3
    expected = [name for name, out in zip(ids(everyone), share, strict=True) if not out]
    for starts, until, kept in (
        (day(480), None, expected),
        (day(480), day(480) + timedelta(microseconds=1), expected),
        (day(0), day(480), ids(everyone)),
        (day(481), None, ids(everyone)),
    ):
        found = ask(tmp_path, tables, global_holdout=GlobalHoldout(0.3, "s", starts, until))
        assert ids(found) == kept


def test_a_missing_value_is_no_yes(tmp_path: Path) -> None:
    customers = pa.table(
        {
            "customer_id": ["a", "b", "c"],
            "signup_at": [START] * 3,
            "region": ["north", "south", None],
            "consent_sms": [None, True, False],
        }
    )
    tables = {"customers": customers}
    assert ids(ask(tmp_path, tables, where="not region = 'north'")) == ["b"]
    found = ask(tmp_path, tables, channel="sms")
    assert ids(found) == ["b"]
    assert found.suppressed["consent"] == 2


def test_consent_that_is_not_tracked_is_allowed_and_said(tmp_path: Path) -> None:
    tables = {"customers": pa.table({"customer_id": ["a"], "signup_at": [START]})}
    found = ask(tmp_path, tables, channel="email")
    assert ids(found) == ["a"]
    assert "consent_email" in found.notes[0]
    assert "No channel" in ask(tmp_path, tables).notes[0]


@pytest.mark.parametrize("arm", ["none", "points"])
def test_a_campaign_is_open_for_so_many_days_to_the_microsecond(tmp_path: Path, arm: str) -> None:
    moment = (day(480) - timedelta(days=30)).replace(tzinfo=None)
    tick = timedelta(microseconds=1)
    units = {"open": moment + tick, "closed": moment, "today": moment + timedelta(days=30)}
    units["later"] = moment + timedelta(days=31)
    tables = {
        "customers": pa.table({"customer_id": list(units), "signup_at": [START] * 4}),
        "assignments": pa.table(
            {
                "experiment": ["x"] * 4,
                "customer_id": list(units),
                "arm": [arm] * 4,
                "propensity": [0.5] * 4,
                "assigned_at": list(units.values()),
                "role": ["holdout"] * 4,
                "intended_arm": [arm] * 4,
            }
        ),
    }
    assert ids(ask(tmp_path, tables)) == ["closed", "later"]


def test_eligibility_never_depends_on_the_arm_of_an_earlier_campaign(tmp_path: Path) -> None:
    """Whatever arm was drawn, for whoever, and under whatever role: the same customers are eligible."""
    tables = random_tables(customers=40)
    rng = np.random.default_rng(2)
    expected = None
    for trial in range(6):
        units = tables["assignments"].drop_columns(["arm", "role", "intended_arm"])
        for column, choices in (
            ("arm", ["none", "coupon", "points"]),
            ("role", ["policy", "exploration", "holdout"]),
            ("intended_arm", ["none", "points"]),
        ):
            units = units.append_column(column, pa.array(rng.choice(choices, units.num_rows)))
        asked = {"where": "recency_days < 60", "channel": "email"}
        found = ask(tmp_path / str(trial), {**tables, "assignments": units}, days=90, **asked)
        expected = expected or (ids(found), found.suppressed)
        assert (ids(found), found.suppressed) == expected
    assert expected is not None
    assert expected[1]["open_campaign"] > 0


def test_suppressions_hold_from_their_date_by_id_or_address(tmp_path: Path) -> None:
    customers = pa.table(
        {
            "customer_id": ["a", "b", "c", "d", "e"],
            "signup_at": [START] * 5,
            "email": ["a@x", " B@X ", "c@x", "d@x", None],
        }
    )
    moment = day(480).replace(tzinfo=None)
    suppressions = pa.table(
        {
            "customer_id": ["a", None, "c", None],
            "email": [None, "b@x", None, "D@x"],
            "since": [None, moment, moment + timedelta(microseconds=1), moment - timedelta(days=1)],
        }
    )
    found = ask(tmp_path, {"customers": customers, "suppressions": suppressions})
    assert ids(found) == ["c", "e"]
    assert found.suppressed["suppression"] == 3


def test_addresses_that_cannot_be_matched_are_refused(tmp_path: Path) -> None:
    customers = pa.table({"customer_id": ["a"], "signup_at": [START]})
    with pytest.raises(LabError, match="by email alone"):
        ask(tmp_path, {"customers": customers, "suppressions": pa.table({"email": ["a@x"]})})


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("region > 5", "does not fit the types"),
        ("recency_days", "neither true nor false"),
        ("regio = 'north'", "Did you mean 'region'"),
        ("region in (select region from customers)", "IN wants a list"),
    ],
)
def test_a_condition_that_cannot_be_asked_is_refused(tmp_path: Path, where: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        ask(tmp_path, random_tables(customers=5), where=where)
    assert "north" not in str(caught.value).replace("= 'north'", "")


def test_a_condition_may_use_every_column_of_the_snapshot(tmp_path: Path) -> None:
    with open_small(tmp_path, random_tables(customers=5)) as tables:
        names = snapshot(tables, day(480)).column_names
        for some in (names[first::6] for first in range(6)):  # a condition has a longest length
            where = " and ".join(f'("{name}" is null or "{name}" is not null)' for name in some)
            found = audience(tables, day(480), where=where, min_days_between_assignments=0)
            assert found.suppressed["where"] == 0
            assert found.rows.num_rows == found.considered == 5
