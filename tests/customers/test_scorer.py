import pyarrow as pa
import pytest

from retention_lab.customers.fit_segments import SegmentRule, fit_segments
from retention_lab.customers.scorer import SegmentScorer, from_files
from retention_lab.errors import LabError
from tests.customers.shoppers import NAMES, numbers_only, shoppers


def table(rows: int, seed: int) -> pa.Table:
    values = shoppers(rows, seed)[0].values
    ids = pa.array([f"c{i}" for i in range(rows)])
    return pa.table({"who": ids, **{name: values[:, i] for i, name in enumerate(NAMES[:3])}})


def scorer() -> SegmentScorer:
    features = numbers_only(shoppers(150, seed=1)[0])
    return SegmentScorer(fit_segments(features, SegmentRule(groups=(4,), resamples=2)).model, "who", {"n": 1})


def test_a_row_in_gives_an_id_and_a_segment_out() -> None:
    found = scorer()
    scores = found.predict(table(20, seed=2))
    assert scores.schema == found.output_schema()
    assert scores["id"].to_pylist() == [f"c{i}" for i in range(20)]
    assert set(scores["segment"].to_pylist()) <= set(found.segments.names)


def test_rows_without_ids_are_numbered() -> None:
    assert scorer().predict(table(3, 2).drop_columns(["who"]))["id"].to_pylist() == ["0", "1", "2"]


def test_it_is_read_back_as_it_was_written() -> None:
    found = scorer()
    again = from_files(found.to_files())
    assert again.details == {"n": 1}
    assert again.predict(table(30, seed=3)).equals(found.predict(table(30, seed=3)))


def test_a_missing_column_and_a_setting_are_refused() -> None:
    with pytest.raises(LabError, match="lacks 1 of the model's columns, 'spend'"):
        scorer().predict(table(3, 2).drop_columns(["spend"]))
    with pytest.raises(LabError, match="no setting 'arm'"):
        scorer().predict(table(3, 2), {"arm": "x"})
