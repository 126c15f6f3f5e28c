from typing import Any

import numpy as np
import pytest

from retention_lab.abtest.simulation.history import history_of
from retention_lab.abtest.specification import Specification, specification
from retention_lab.errors import LabError

MEAN = {"name": "spend", "type": "mean", "column": "spend", "covariates": ["before"]}
SHARE = {"name": "bought", "type": "proportion", "column": "bought"}
TABLE: dict[str, Any] = {
    "user": ["u1", "u2", "u3", "u4", "u5"],
    "arm": ["b", "a", "a", "a", "a"],
    "spend": [1.0, 2.0, np.nan, 4.0, 90.0],
    "before": [0.0, np.nan, 1.0, 2.0, 3.0],
    "bought": [1, 0, 0, 1, 1],
    "city": ["x", "y", "x", "y", "y"],
    "store": [1, 1, 2, 2, 3],
    "day": ["2026-03-03", "2026-03-01", "2026-03-02", "2026-03-01", "2026-03-09"],
}


def spec(*metrics: dict[str, Any], **changes: Any) -> Specification:
    keys = {"unit": "user", "arm": "arm", "control": "a", "metrics": list(metrics or (MEAN, SHARE))}
    return specification({**keys, **changes})


def test_arms_are_forgotten_but_for_their_shares() -> None:
    found = history_of(TABLE, spec())
    assert (found.arms, found.shares, found.units) == (("a", "b"), (0.8, 0.2), 5)
    spend, bought = found.metrics
    assert np.isnan(spend.values[2, 0])  # an outcome stays missing
    assert spend.values[1, 1] == spend.centre[1]  # a covariate does not
    assert bought.layout.share
    assert not spend.layout.share


def test_planned_shares_come_first_and_no_arm_is_needed_then() -> None:
    shares = {"b": 0.3, "a": 0.6, "c": 0.1}
    for table in (TABLE, {name: column for name, column in TABLE.items() if name != "arm"}):
        found = history_of(table, spec(planned_shares=shares))
        assert found.arms == ("a", "b", "c")
        assert found.shares == (0.6, 0.3, 0.1)
    with pytest.raises(LabError, match="no column 'arm'"):
        history_of({name: column for name, column in TABLE.items() if name != "arm"}, spec())


def test_winsorised_values_are_cut_as_in_the_analysis() -> None:
    cut = {"name": "spend", "type": "mean", "column": "spend", "winsorise": 0.5}
    assert np.nanmax(history_of(TABLE, spec(cut)).metrics[0].values) == 3.0


def test_units_wait_until_their_window_closes_and_keep_their_days() -> None:
    found = history_of(TABLE, spec(exposed_at="day", window_days=7))
    assert found.units == 3
    assert found.day is not None
    assert found.day.tolist() == [0, 1, 0]
    undated = {name: column for name, column in TABLE.items() if name != "day"}
    assert history_of(undated, spec(exposed_at="day")).day is None


def test_strata_are_kept_and_clusters_are_added_up() -> None:
    found = history_of(TABLE, spec(strata="city"))
    assert found.stratum is not None
    assert found.stratum.tolist() == [0, 1, 0, 1, 1]
    clusters = history_of(TABLE, spec(cluster="store", exposed_at="day"))
    assert (clusters.clustered, clusters.units, clusters.stratum) == (True, 3, None)
    np.testing.assert_allclose(clusters.metrics[1].values, [[1, 2], [1, 2], [1, 1]])
    np.testing.assert_allclose(clusters.metrics[0].values[:, [0, 2]], [[3, 2], [4, 1], [90, 1]])
    assert clusters.day is not None
    assert clusters.day.tolist() == [0, 0, 3]  # a cluster comes in with its first unit


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"user": ["u1", "u1", "u3", "u4", "u5"]}, "more than one row"),
        ({"spend": [1.0, np.inf, 1.0, 1.0, 1.0]}, "infinite value"),
        ({"bought": [0, 1, 2, 0, 1]}, "has the value 2 in row 3"),
    ],
)
def test_units_that_do_not_fit_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(LabError, match=message):
        history_of({**TABLE, **changes}, spec())


def test_quantiles_alone_cannot_be_simulated() -> None:
    with pytest.raises(LabError, match="Every metric is a quantile"):
        history_of(TABLE, spec({"name": "p90", "type": "quantile", "column": "spend", "q": 0.9}))
