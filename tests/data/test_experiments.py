from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.data.experiments import experiment_rows, experiment_windows
from retention_lab.errors import LabError
from tests.data.small_tables import START, day, open_small, random_tables

AT = START + timedelta(days=10)
ALL_SEEN = day(3000)


def assigned(rows: list[tuple[str, str, str, float | None, datetime]], **more: list[Any]) -> pa.Table:
    names = ("experiment", "customer_id", "arm", "propensity", "assigned_at")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    rest = {"role": ["exploration"] * len(rows), "intended_arm": pa.nulls(len(rows), pa.string())}
    return pa.table({**columns, **rest, **more})


def lines(rows: list[tuple[str, str, datetime, float]], **more: list[Any]) -> pa.Table:
    names = ("order_id", "customer_id", "ordered_at", "amount")
    return pa.table({**dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)), **more})


OFFERS = pa.table(
    {
        "offer_id": ["coupon", "points"],
        "kind": ["coupon", "points"],
        "channel": ["email", "email"],
        "cost_per_contact": [0.1, 0.2],
        "cost_per_redemption": [None, 3.0],
    }
)
HALVES = assigned([("spring", "a", "none", 0.5, AT), ("spring", "b", "points", 0.5, AT)])


def rows_of(
    folder: Path, tables: dict[str, pa.Table], horizon: int = 30, **asked: Any
) -> list[dict[str, Any]]:
    names = asked.pop("experiments", None)
    margin = asked.pop("margin_share", 0.5)
    with open_small(folder, tables, margin_share=margin) as opened:
        return experiment_rows(opened, names, horizon, **{"observed_until": ALL_SEEN, **asked}).to_pylist()


def test_outcomes_lie_in_the_window_of_the_own_assignment(tmp_path: Path) -> None:
    tick = timedelta(microseconds=1)
    end = AT + timedelta(days=30)
    bought = lines(
        [
            ("0", "a", AT - tick, 1.0),
            ("1", "a", AT, 2.0),
            ("2", "a", end - tick, 4.0),
            ("2", "a", end - tick, 8.0),
            ("3", "a", end, 16.0),
            ("0", "a", AT + tick, -32.0),
            ("4", "b", AT - tick, 64.0),
        ],
        discount=[1.0] * 7,
    )
    first, second = rows_of(tmp_path, {"transactions": bought, "assignments": HALVES})
    assert (first["orders"], first["active"], first["revenue"], first["discount"]) == (2, 1, -18.0, 4.0)
    assert first["contribution"] == (-18 + 4) * 0.5 - 4
    assert (second["orders"], second["active"], second["revenue"]) == (0, 0, 0.0)


def test_money_adds_up_whatever_the_experiments_ask_for(tmp_path: Path) -> None:
    tables = random_tables()
    found = rows_of(tmp_path, tables, horizon=900)
    units = tables["assignments"].to_pylist()
    start = {row["customer_id"]: row["assigned_at"] for row in units}
    bought = [
        row for row in tables["transactions"].to_pylist() if row["ordered_at"] >= start[row["customer_id"]]
    ]
    assert sum(row["revenue"] for row in found) == pytest.approx(
        sum(row["amount"] for row in bought), abs=1e-6
    )
    assert [(row["experiment"], row["customer_id"]) for row in found] == sorted(
        (row["experiment"], row["customer_id"]) for row in units
    )
    for row in found:
        cost = row["redemption_cost"] + row["contact_cost"]
        assert row["profit"] == pytest.approx(row["contribution"] - cost, abs=1e-9)


def test_a_redemption_counts_once_for_the_assigned_arm_in_its_window(tmp_path: Path) -> None:
    moments = [AT, AT + timedelta(days=1), AT + timedelta(days=30), AT]
    redemptions = pa.table(
        {
            "experiment": [None, None, None, "winter"],
            "customer_id": ["a", "a", "b", "c"],
            "offer_id": ["points"] * 4,
            "redeemed_at": moments,
        }
    )
    units = [("spring", name, "points", 1.0, AT) for name in "abc"] + [("spring", "d", "coupon", 1.0, AT)]
    # on the order line of d there is a redemption, and the table of redemptions, which lacks it, wins
    bought = lines([("1", "d", AT, 10.0)], offer_id=["coupon"])
    tables = {"transactions": bought, "assignments": assigned(units), "offers": OFFERS}
    asked: dict[str, Any] = {"allow_unknown_propensity": True}
    tables["assignments"] = assigned([(*unit[:3], None, unit[4]) for unit in units])
    found = rows_of(tmp_path / "both", {**tables, "redemptions": redemptions}, **asked)
    assert [row["redeemed"] for row in found] == [1, 0, 0, 0]
    assert [row["redemption_cost"] for row in found] == [3.0, 0.0, 0.0, 0.0]
    assert [row["contact_cost"] for row in found] == [0.2, 0.2, 0.2, 0.1]
    found = rows_of(tmp_path / "lines", tables, **asked)
    assert [row["redeemed"] for row in found] == [0, 0, 0, 1]
    assert found[3]["profit"] == pytest.approx(5.0 - 0.1)


def test_what_nobody_knows_is_null_and_not_zero(tmp_path: Path) -> None:
    bought = lines([("1", "a", AT, 10.0)])
    tables = {"transactions": bought, "assignments": HALVES, "offers": OFFERS}
    control, points = rows_of(tmp_path / "redemptions", tables)
    assert (control["redeemed"], points["redeemed"]) == (None, None)
    assert (control["redemption_cost"], points["redemption_cost"]) == (0.0, None)  # none costs nothing
    assert (control["profit"], points["profit"]) == (5.0, None)
    without_offers = {name: table for name, table in tables.items() if name != "offers"}
    for row in rows_of(tmp_path / "offers", without_offers):
        assert (row["contact_cost"], row["redemption_cost"], row["profit"]) == (None, None, None)
        assert row["contribution"] is not None
    for row in rows_of(tmp_path / "contribution", tables, margin_share=None):
        assert (row["contribution"], row["profit"]) == (None, None)
        assert row["revenue"] is not None


def test_shares_stand_in_where_every_unit_had_the_same(tmp_path: Path) -> None:
    tables = {"transactions": lines([("1", "a", AT, 1.0)]), "assignments": HALVES}
    for row in rows_of(tmp_path, tables):
        assert (row["p.none"], row["p.points"]) == (0.5, 0.5)


def test_probabilities_stay_unknown_where_they_differed_and_were_not_logged(tmp_path: Path) -> None:
    units = [("spring", f"c{i}", "none", p, AT) for i, p in enumerate((0.4, 0.6))]
    units += [("summer", "c0", "points", 0.3, AT), ("summer", "c1", "none", 0.7, AT)]
    found = rows_of(tmp_path, {"transactions": lines([("1", "a", AT, 1.0)]), "assignments": assigned(units)})
    assert [row["p.none"] for row in found] == [None, None, 0.7, 0.7]
    assert [row["p.points"] for row in found] == [None, None, 0.3, 0.3]


def logged(rows: list[tuple[str, str, str, float]]) -> pa.Table:
    names = ("experiment", "customer_id", "arm", "propensity")
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def test_logged_probabilities_come_back_and_an_arm_not_logged_was_not_feasible(tmp_path: Path) -> None:
    units = assigned([("spring", "a", "none", 0.2, AT), ("spring", "b", "points", 1.0, AT)])
    shares = logged(
        [
            ("spring", "a", "coupon", 0.8),
            ("spring", "a", "none", 0.2),
            ("spring", "b", "points", 1.0),
            ("spring", "stranger", "points", 0.4),
        ]
    )
    tables = {"transactions": lines([("1", "a", AT, 1.0)]), "assignments": units, "propensities": shares}
    first, second = rows_of(tmp_path, tables)
    assert list(first)[-3:] == ["p.none", "p.coupon", "p.points"]
    assert [first[f"p.{arm}"] for arm in ("none", "coupon", "points")] == [0.2, 0.8, 0.0]
    assert [second[f"p.{arm}"] for arm in ("none", "coupon", "points")] == [0.0, 0.0, 1.0]


SPRING_A = [("spring", "a", "none", 0.5), ("spring", "a", "points", 0.5)]


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        (SPRING_A, "no row in propensities"),
        ([*SPRING_A, ("spring", "b", "none", 0.4), ("spring", "b", "points", 0.5)], "do not sum to 1"),
        ([*SPRING_A, ("spring", "b", "none", -0.5), ("spring", "b", "points", 1.5)], "do not sum to 1"),
        ([*SPRING_A, ("spring", "b", "none", 0.4), ("spring", "b", "points", 0.6)], "differs"),
        ([*SPRING_A, ("spring", "b", "points", 0.5), ("spring", "b", "points", 0.5)], "differs"),
    ],
)
def test_logged_probabilities_that_contradict_the_assignment_are_refused(
    tmp_path: Path, shares: list[tuple[str, str, str, float]], words: str
) -> None:
    tables = {
        "transactions": lines([("1", "a", AT, 1.0)]),
        "assignments": HALVES,
        "propensities": logged(shares),
    }
    with pytest.raises(LabError, match=words):
        rows_of(tmp_path, tables)


@pytest.mark.parametrize(
    ("units", "words"),
    [
        ([("spring", "a", "none", 0.5, AT), ("spring", "b", "points", 0.4, AT)], "sum to 0.9 instead of 1"),
        ([("spring", "a", "none", 0.5, AT), ("spring", "a", "points", 0.5, AT)], "assign a customer again"),
        ([("spring", "a", "none", 0.5, AT), ("spring", "b", "gift", 0.5, AT)], "'gift'"),
        (
            [("spring", "a", "none", None, AT), ("spring", "b", "points", 0.5, AT)],
            "'spring' first, have no prop",
        ),
        ([("spring", "a", "none", 0.0, AT), ("spring", "b", "points", 1.0, AT)], "not above 0"),
        ([("spring", "a", "none", 0.5, AT), ("spring", "b", None, 0.5, AT)], "have no arm"),
    ],
)
def test_assignments_that_cannot_be_learned_from_are_refused(
    tmp_path: Path, units: list[Any], words: str
) -> None:
    tables = {"transactions": lines([("1", "a", AT, 1.0)]), "assignments": assigned(units), "offers": OFFERS}
    with pytest.raises(LabError, match=words):
        rows_of(tmp_path, tables)


def test_unknown_propensities_are_read_when_asked_for(tmp_path: Path) -> None:
    units = assigned([("spring", "a", "none", None, AT), ("spring", "b", "points", None, AT)])
    tables = {"transactions": lines([("1", "a", AT, 1.0)]), "assignments": units}
    found = rows_of(tmp_path, tables, allow_unknown_propensity=True)
    assert [(row["propensity"], row["p.none"], row["p.points"]) for row in found] == [(None, None, None)] * 2


def test_a_misspelt_experiment_is_answered_with_the_nearest(tmp_path: Path) -> None:
    tables = {"transactions": lines([("1", "a", AT, 1.0)]), "assignments": HALVES}
    with pytest.raises(LabError, match="Did you mean 'spring'"):
        rows_of(tmp_path, tables, experiments=["sprong"])


def test_a_window_that_is_open_is_refused_by_name_and_left_out_of_all(tmp_path: Path) -> None:
    late = AT + timedelta(days=100)
    units = assigned(
        [
            ("spring", "a", "none", 0.5, AT),
            ("spring", "b", "points", 0.5, AT),
            ("summer", "a", "none", 1.0, late),
        ]
    )
    bought = lines([("1", "a", late + timedelta(days=28), 1.0)])
    tables = {"transactions": bought, "assignments": units}
    with open_small(tmp_path, tables, margin_share=0.5) as opened:
        with pytest.raises(LabError, match="closes on 2025-05-21 00:00 UTC"):
            experiment_rows(opened, ["summer"], 30)
        assert {row["experiment"] for row in experiment_rows(opened, None, 30).to_pylist()} == {"spring"}
        assert experiment_rows(opened, ["summer"], 29).num_rows == 1  # within the day of grace
        with pytest.raises(LabError, match="not complete"):
            experiment_rows(opened, None, 300)
        windows = {window.experiment: window for window in experiment_windows(opened, 30)}
    assert (windows["spring"].closed, windows["summer"].closed) == (True, False)
    assert windows["spring"].rows == 2


def test_without_assignments_the_next_step_is_said(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="lab data import assignments"):
        rows_of(tmp_path, {"transactions": lines([("1", "a", AT, 1.0)])})


def test_a_launch_comes_back_with_the_probabilities_it_was_drawn_with(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    p = rng.dirichlet(np.ones(3), 200)
    arms = np.array(["none", "coupon", "points"])
    drawn = np.array([rng.choice(3, p=row) for row in p])
    ids = [f"c{i:03d}" for i in range(200)]
    units = assigned([("spring", ids[i], str(arms[drawn[i]]), float(p[i, drawn[i]]), AT) for i in range(200)])
    shares = logged([("spring", ids[i], str(arms[k]), float(p[i, k])) for i in range(200) for k in range(3)])
    order = rng.permutation(600)
    tables = {
        "transactions": lines([("1", "c001", AT, 1.0)]),
        "assignments": units,
        "propensities": shares.take(order),
        "offers": OFFERS,
    }
    found = rows_of(tmp_path, tables)
    np.testing.assert_array_equal([[row[f"p.{arm}"] for arm in arms] for row in found], p)
