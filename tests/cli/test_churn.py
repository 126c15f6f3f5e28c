"""A churn model through the commands: text for people, JSON for scripts."""

from pathlib import Path

import pyarrow.csv as pa_csv
import pytest

from retention_lab.cli import main
from tests.cli.running import lab_json
from tests.workflows.churn_labs import churn_lab, customers


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))


def test_a_stranger_gets_from_a_file_to_reasons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    churn_lab(tmp_path, other="kind: clv\ntable: t.csv\ncustomer: c\ntime: t\namount: a\n")
    here = ("--project", str(tmp_path))
    code, drafted = lab_json(capsys, "new", "churn", "leave", "--table", str(tmp_path / "telco.csv"), *here)
    assert (code, drafted["result"]["kind"]) == (0, "churn")
    money = "profit={clv: 200, contact_cost: 1, incentive: 10, acceptance: 0.3}"
    quick = ("--set", "models=[logistic]", "--set", money)
    code, trained = lab_json(capsys, "train", "leave", *quick, *here)
    assert (code, trained["result"]["winner"]) == (0, "logistic")
    assert {"name", "kind", "winner", "run_id", "model_version", "targeting", "checks", "candidates"} <= set(
        trained["result"]
    )
    code, gate = lab_json(capsys, "promote", "leave", *here)
    assert (code, gate["result"]["promoted"]) == (0, True)
    code, judged = lab_json(capsys, "evaluate", "leave@champion", *here)
    assert code == 0
    assert judged["result"]["metrics"]["empc"]["ci_low"] > 0
    code, why = lab_json(capsys, "explain", "leave@champion", "--customer", "c00007", *here)
    assert code == 0
    assert {"probability", "tier", "reasons", "counterfactual"} <= set(why["result"])
    assert "c00007" not in Path(tmp_path / "reports" / "leave.html").read_text("utf-8")
    for words, says in (
        (("train", "leave", *quick), "earns most, cross-fitted"),
        (("leaderboard", "leave"), "Best cross-fitted profit: logistic"),
        (("evaluate", "leave/1", "--against", "leave/2"), "Difference to version 2"),
        (("explain", "leave/1", "--customer", "c00007"), "Reasons, in log-odds"),
    ):
        with pytest.raises(SystemExit) as left:
            main([*words, *here])
        assert left.value.code == 0
        assert says in capsys.readouterr().out


def test_a_label_that_nobody_has_is_refused_with_what_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lab = churn_lab(tmp_path)
    pa_csv.write_csv(customers(100).drop_columns(["churn"]), lab.folder / "telco.csv")
    code, document = lab_json(capsys, "train", "leave", "--project", str(tmp_path))
    assert code == 3
    assert "no column 'churn'" in document["error"]["message"]
