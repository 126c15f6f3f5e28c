import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
import yaml

from retention_lab.errors import LabError
from retention_lab.workflows.evaluate import evaluate
from retention_lab.workflows.project import Lab, open_project
from retention_lab.workflows.train import train
from tests.recommend.tastes import taste_table
from tests.workflows.conftest import silent

DEFINITION = {
    "kind": "recommend",
    "table": "log.csv",
    "customer": "user",
    "item": "item",
    "time": "time",
    "models": ["item_knn"],
    "k": [3],
    "logged": {
        "table": "shown.csv", "customer": "who", "item": "what", "propensity": "p", "reward": "click",
        "time": "at",
    },
}  # fmt: skip
OWN, OTHER = 0.5, 0.1  # how often somebody clicks on an item of their own shelf, and on another


def shown(rows: int = 6_000, seed: int = 5) -> pa.Table:
    """Items shown at random after day 100 to customers who click on what is of their shelf."""
    rng = np.random.default_rng(seed)
    user, item = rng.integers(0, 200, rows), rng.integers(0, 40, rows)
    chance = np.where(user % 4 == item // 10, OWN, OTHER)
    return pa.table(
        {
            "who": [f"u{one}" for one in user],
            "what": [f"i{one:02}" for one in item],
            "p": np.full(rows, 1 / 40),
            "click": (rng.random(rows) < chance).astype(float),
            "at": rng.uniform(101, 130, rows),
        }
    )


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    folder = tmp_path_factory.mktemp("logged")
    (folder / "experiments").mkdir()
    (folder / "lab.yaml").write_text("name: test\ncurrency: EUR\n", encoding="utf-8")
    (folder / "experiments" / "offers.yaml").write_text(yaml.safe_dump(DEFINITION), encoding="utf-8")
    pa_csv.write_csv(taste_table(200), folder / "log.csv")
    pa_csv.write_csv(shown(), folder / "shown.csv")
    lab = open_project(folder)
    train(lab, "offers", say=silent)
    return lab


def logged(lab: Lab) -> dict[str, object]:
    found = evaluate(lab, "offers").as_json()["logged"]
    assert isinstance(found, dict)
    return found


def test_lists_of_the_right_shelf_are_worth_more_than_what_was_shown(lab: Lab) -> None:
    found = logged(lab)
    assert found["rows"] == 6_000
    shown_at_random = found["shown"]
    three = next(one for one in found["values"] if one["k"] == 3)
    for way in ("ips", "snips", "dr"):
        value = three[way]
        assert value["ci_low"] > shown_at_random["ci_high"]
        assert value["ci_low"] < OWN  # nearly all of a list is of its customer's own shelf
    assert shown_at_random["value"] == pytest.approx((OWN + 3 * OTHER) / 4, abs=0.02)
    assert 0 < three["effective_rows"] < 6_000 / 40 * 3 * 1.3


def test_rows_that_the_version_may_have_learned_from_are_left_out(lab: Lab) -> None:
    pa_csv.write_csv(
        pa.concat_tables([shown(), shown(500).set_column(4, "at", pa.array(np.full(500, 20.0)))]),
        lab.folder / "shown.csv",
    )
    found = logged(lab)
    assert (found["rows"], found["rows_dropped_as_trained_on"]) == (6_000, 500)
    pa_csv.write_csv(shown(500).set_column(4, "at", pa.array(np.full(500, 20.0))), lab.folder / "shown.csv")
    with pytest.raises(LabError, match="newer than what the version"):
        evaluate(lab, "offers")
    pa_csv.write_csv(shown(), lab.folder / "shown.csv")


def test_a_log_without_what_it_needs_is_refused_by_column(lab: Lab) -> None:
    for table, key in (
        (shown().drop_columns(["p"]), "p"),
        (shown().set_column(3, "click", pa.array([None] * 6_000, pa.float64())), "click"),
    ):
        pa_csv.write_csv(table, lab.folder / "shown.csv")
        with pytest.raises(LabError) as caught:
            evaluate(lab, "offers")
        assert caught.value.key == key
    pa_csv.write_csv(shown(), lab.folder / "shown.csv")
