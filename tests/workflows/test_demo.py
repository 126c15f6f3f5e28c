import json
from pathlib import Path

import pytest

from retention_lab.errors import ConfigurationError
from retention_lab.workflows.demo import DemoReport, demo
from tests.workflows.conftest import silent

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> DemoReport:
    return demo(tmp_path_factory.mktemp("demo") / "lab", customers=3_000, seed=1, say=silent)


def test_the_loop_closes_from_an_empty_folder_to_a_report(story: DemoReport) -> None:
    result = story.as_json()
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert set(result) >= {"folder", "plan", "measure", "baselines", "truth", "report"}
    assert Path(result["report"]).read_text("utf-8").startswith("<!doctype html>")
    assert result["measure"]["experiment"] == result["launch"]["experiment"]
    assert result["measure"]["customers"] == result["plan"]["eligible"]


def test_perfect_knowledge_earns_at_least_as_much_as_every_usual_way(story: DemoReport) -> None:
    ways = {name: value for name, value in story.truth.items() if name not in ("campaign", "everyone")}
    assert ways.pop("oracle") >= max(ways.values(), default=0)


def test_a_folder_with_a_project_is_left_alone(story: DemoReport) -> None:
    with pytest.raises(ConfigurationError):
        demo(story.folder, customers=3_000, seed=1, say=silent)
