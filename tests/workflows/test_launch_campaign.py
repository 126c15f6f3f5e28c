from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.data.eligibility import audience
from retention_lab.errors import LabError
from retention_lab.simulate import Retailer, respond
from retention_lab.tracking.registry import CHAMPION, delete_alias
from retention_lab.workflows.launch_campaign import latest_launch, launch_campaign
from retention_lab.workflows.plan_campaign import plan_campaign
from retention_lab.workflows.plan_files import latest_plan
from retention_lab.workflows.project import Lab
from retention_lab.workflows.simulated_data import data_folder, write_tables
from tests.workflows.conftest import copied, silent

Edit = Callable[[Lab, str, str, str], Lab]
EXPERIMENT = "winback-2026-03-01"


@pytest.fixture(scope="module")
def planned(promoted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planned") / "lab"
    plan_campaign(copied(promoted, folder), "winback", say=silent)
    return folder


@pytest.fixture
def lab(planned: Path, tmp_path: Path) -> Lab:
    return copied(planned, tmp_path / "lab")


def written(lab: Lab, kind: str, experiment: str = EXPERIMENT) -> pa.Table:
    return pq.read_table(lab.folder / "data" / kind / f"{experiment}.parquet")


def with_another_campaign(lab: Lab) -> None:
    """`other`: the same campaign under another name."""
    campaigns = lab.folder / "campaigns"
    (campaigns / "other.yaml").write_bytes((campaigns / "winback.yaml").read_bytes())


def test_a_launch_draws_every_planned_customer_once_as_logged(lab: Lab) -> None:
    report = launch_campaign(lab, "winback", seed=7)
    rows = latest_plan(lab, "winback").rows()
    assignments, propensities = written(lab, "assignments"), written(lab, "propensities")
    assert report.experiment == EXPERIMENT
    assert assignments["customer_id"].to_pylist() == rows.ids.tolist()
    assert sum(report.assigned.values()) == len(rows.ids)
    names = np.array(rows.arms)
    assert assignments["intended_arm"].to_pylist() == names[rows.intended].tolist()
    logged = {
        (row["customer_id"], row["arm"]): row["propensity"] for row in propensities.to_pylist()
    }  # one row per feasible arm
    sums = dict.fromkeys(rows.ids.tolist(), 0.0)
    for (customer, _), p in logged.items():
        sums[customer] += p
    np.testing.assert_allclose(list(sums.values()), 1, atol=1e-12)
    for row in assignments.to_pylist():
        assert row["propensity"] == logged[row["customer_id"], row["arm"]]
        if row["role"] == "policy":
            assert row["arm"] == row["intended_arm"]
        if row["role"] == "holdout":
            assert row["arm"] == "none"


def test_roles_come_as_often_as_the_plan_says(lab: Lab) -> None:
    report = launch_campaign(lab, "winback", seed=7)
    rows = latest_plan(lab, "winback").rows()
    n, share = len(rows.ids), rows.exploration.mean()
    assert abs(report.holdout - 0.1 * n) < 4 * np.sqrt(0.09 * n)
    assert abs(report.exploration - share * n) < 4 * np.sqrt(share * n)


def test_the_same_seed_draws_the_same_arms_and_no_seed_draws_others(lab: Lab, planned: Path) -> None:
    twin, other = copied(planned, lab.folder.parent / "twin"), copied(planned, lab.folder.parent / "other")
    launch_campaign(lab, "winback", seed=7)
    launch_campaign(twin, "winback", seed=7)
    launch_campaign(other, "winback")
    assert written(lab, "assignments").equals(written(twin, "assignments"))
    assert not written(lab, "assignments").equals(written(other, "assignments"))


def test_a_plan_is_launched_once(lab: Lab) -> None:
    launch_campaign(lab, "winback", seed=7)
    before = written(lab, "assignments")
    with pytest.raises(LabError, match="launched already, as winback-2026-03-01"):
        launch_campaign(lab, "winback", seed=8)
    assert written(lab, "assignments").equals(before)


def test_a_plan_of_another_definition_or_champion_is_stale(lab: Lab, edit: Edit) -> None:
    changed = edit(lab, "campaigns/winback.yaml", "budget: 2000", "budget: 2001")
    with pytest.raises(LabError, match="definition has changed"):
        launch_campaign(changed, "winback")
    lab = edit(lab, "campaigns/winback.yaml", "budget: 2001", "budget: 2000")
    delete_alias(lab.open_store(), "winback-uplift", CHAMPION)
    with pytest.raises(LabError, match="Another version is champion"):
        launch_campaign(lab, "winback")
    with_another_campaign(lab)
    with pytest.raises(LabError, match="There is no plan of 'other'"):
        launch_campaign(lab, "other")


def changed(lab: Lab, table: str, edit: Callable[[list[dict[str, object]]], list[dict[str, object]]]) -> None:
    path = lab.folder / "data" / f"{table}.parquet"
    found = pq.read_table(path)
    pq.write_table(pa.Table.from_pylist(edit(found.to_pylist()), schema=found.schema), path)


def test_a_plan_whose_customers_withdrew_their_consent_says_how_many(lab: Lab) -> None:
    some = set(latest_plan(lab, "winback").rows().ids.tolist()[:3])
    changed(
        lab,
        "customers",
        lambda rows: [
            {**row, "consent_email": row["customer_id"] not in some and row["consent_email"]} for row in rows
        ],
    )
    with pytest.raises(LabError, match=r"3 of its customers may not be assigned any more \(consent \+3\)"):
        launch_campaign(lab, "winback")
    assert not (lab.folder / "data" / "assignments" / f"{EXPERIMENT}.parquet").exists()
    plan_campaign(lab, "winback", say=silent)
    launch_campaign(lab, "winback")


def test_a_plan_from_other_orders_or_costs_is_stale(lab: Lab, shop: Retailer) -> None:
    customer = latest_plan(lab, "winback").rows().ids.tolist()[0]

    def doubled(rows: list[dict[str, object]]) -> list[dict[str, object]]:
        mine = [i for i, row in enumerate(rows) if row["customer_id"] == customer]
        rows[mine[0]] = {**rows[mine[0]], "amount": rows[mine[0]]["amount"] * 2}  # type: ignore[operator]
        return rows

    changed(lab, "transactions", doubled)
    with pytest.raises(LabError, match="what is known of 1 customers is not what it was"):
        launch_campaign(lab, "winback")
    plan_campaign(lab, "winback", say=silent)
    changed(lab, "offers", lambda rows: [{**row, "cost_per_contact": 1.5} for row in rows])
    with pytest.raises(LabError, match="what the offers cost is not what it was"):
        launch_campaign(lab, "winback")


def test_what_happens_after_the_plans_date_leaves_it_fresh(lab: Lab, shop: Retailer) -> None:
    later = shop.as_of.replace(tzinfo=None) + timedelta(days=1)
    changed(lab, "transactions", lambda rows: [*rows, {**rows[0], "order_id": "later", "ordered_at": later}])
    assert launch_campaign(lab, "winback", seed=7).experiment == EXPERIMENT


def test_two_campaigns_planned_for_the_same_customers_cannot_both_be_launched(lab: Lab) -> None:
    with_another_campaign(lab)
    plan_campaign(lab, "other", say=silent)
    launch_campaign(lab, "winback", seed=7)
    with pytest.raises(LabError, match=f"assigned in {EXPERIMENT}, which is still open"):
        launch_campaign(lab, "other", seed=7)
    assert not (lab.folder / "data" / "assignments" / "other-2026-03-01.parquet").exists()


def test_a_second_launch_on_a_date_takes_other_customers_and_the_next_name(lab: Lab, edit: Edit) -> None:
    launch_campaign(lab, "winback", seed=7)
    with pytest.raises(LabError, match="open_campaign"):
        plan_campaign(lab, "winback", say=silent)
    wider = edit(lab, "campaigns/winback.yaml", "recency_days > 30", "recency_days > 20")
    plan_campaign(wider, "winback", say=silent)
    second = launch_campaign(wider, "winback", seed=7)
    assert second.experiment == f"{EXPERIMENT}-2"
    first, later = (
        set(written(lab, "assignments", name)["customer_id"].to_pylist())
        for name in (EXPERIMENT, second.experiment)
    )
    assert later
    assert not first & later
    assert latest_launch(lab, "winback") == second.experiment
    with pytest.raises(LabError, match="has no launch 'winback-2026-03-02'"):
        latest_launch(lab, "winback", "winback-2026-03-02")


@pytest.mark.slow
def test_eligibility_for_a_later_campaign_does_not_depend_on_the_arm_of_an_earlier_one(
    lab: Lab, shop: Retailer, edit: Edit
) -> None:
    lab = edit(lab, "campaigns/winback.yaml", 'where: "recency_days > 30"', 'where: "tenure_days > 0"')
    plan_campaign(lab, "winback", say=silent)
    report = launch_campaign(lab, "winback", seed=7)
    assignments = pq.read_table(lab.folder / report.assignments_file)
    assigned = set(assignments["customer_id"].to_pylist())
    after = respond(shop, assignments, at=shop.as_of, horizon_days=30, seed=1).retailer
    write_tables(data_folder(lab), after.tables, {"as_of": after.as_of.isoformat()})

    # inside the window nobody who was assigned is eligible, whatever the arm
    with lab.open_tables() as tables:
        inside = audience(tables, shop.as_of + timedelta(days=29), min_days_between_assignments=30).rows
    assert not assigned & set(inside["customer_id"].to_pylist())

    # after it, everybody is eligible again, but for what was known before the launch
    later = plan_campaign(lab, "winback", as_of=shop.as_of + timedelta(days=30), say=silent)
    again = set(later.rows.ids.tolist())
    share = {
        arm: np.mean([row["customer_id"] in again for row in assignments.to_pylist() if row["arm"] == arm])
        for arm in set(assignments["arm"].to_pylist())
    }
    assert set(share.values()) == {1.0}
