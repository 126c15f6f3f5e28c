from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.errors import LabError
from retention_lab.recommend.fit import best_sellers
from retention_lab.recommend.learners import Known, fit_learner
from retention_lab.recommend.scorer import LogColumns, RecommendScorer, from_files
from tests.recommend.tastes import taste_table, tastes

DATA = tastes()
COLUMNS = LogColumns("who", "what", "when")


def scorer(name: str = "ease") -> RecommendScorer:
    model = fit_learner(name, Known(DATA))
    offered = np.ones(DATA.item_count, dtype=bool)
    return RecommendScorer(name, model, DATA.items, best_sellers(DATA), offered, COLUMNS, 99.5, "who")


def log(users: int = 6) -> pa.Table:
    return taste_table(users, seed=5).rename_columns(["who", "what", "when"])


def test_rows_are_ranked_customer_by_customer_in_the_order_of_the_log() -> None:
    found = scorer().predict(log().take(pa.array([47, 0, 20, 1])), {"k": 3})
    assert found.column_names == ["id", "rank", "item", "score"]
    assert found["id"].to_pylist() == ["u5"] * 3 + ["u0"] * 3 + ["u2"] * 3
    assert found["rank"].to_pylist() == [1, 2, 3] * 3
    assert all(np.diff(found["score"].to_numpy()[:3]) <= 0)


def test_ten_are_given_where_nothing_else_is_asked_for() -> None:
    assert scorer().predict(log(2)).num_rows == 20


def test_a_customer_without_a_known_item_is_offered_what_sells_best() -> None:
    new = pa.table({"who": ["new", "odd"], "what": [None, "never heard of"], "when": [1.0, 2.0]})
    found = scorer().predict(new, {"k": 4})
    best = [DATA.items[code] for code in best_sellers(DATA)[:4]]
    assert found["item"].to_pylist() == best * 2


@pytest.mark.parametrize("name", ["ease", "item_knn", "decayed_popular"])
def test_it_predicts_alike_after_its_files_were_read(name: str) -> None:
    ours = scorer(name)
    assert from_files(ours.to_files()).predict(log()).equals(ours.predict(log()))


def test_its_files_name_no_customer() -> None:
    assert all(b"u1" not in data for data in scorer("user_knn").to_files().values())


def test_what_is_not_on_offer_is_in_no_list() -> None:
    offered = np.zeros(DATA.item_count, dtype=bool)
    offered[:12] = True
    found = replace(scorer(), offered=offered).predict(log())
    assert set(found["item"].to_pylist()) <= set(DATA.items[:12])


def test_a_missing_column_and_a_missing_customer_are_refused() -> None:
    with pytest.raises(LabError, match="no column 'when'"):
        scorer().predict(log().drop_columns(["when"]))
    with pytest.raises(LabError, match="1 of 1 lines have no customer"):
        scorer().predict(pa.table({"who": pa.array([None], pa.string()), "what": ["i01"], "when": [1.0]}))
