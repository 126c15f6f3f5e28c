import os
import subprocess
import sys
from pathlib import Path

import pytest

from retention_lab.data import spark_session as module
from retention_lab.data.spark_session import ADDRESS_VARIABLE, spark_session
from retention_lab.errors import ConfigurationError
from tests.spark import require_spark


def test_without_pyspark_the_reader_learns_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)  # as if it were not installed
    with pytest.raises(ConfigurationError, match=r"retention-lab\[spark\]") as caught, spark_session():
        raise AssertionError("no session can be there")
    assert caught.value.key == "engine"


@pytest.mark.slow
def test_an_address_without_spark_is_named_and_ctrl_c_works_as_before(tmp_path: Path) -> None:
    require_spark()
    script = (
        "import signal\n"
        "from retention_lab.data.spark_session import spark_session\n"
        "from retention_lab.errors import ConfigurationError\n"
        "before = signal.getsignal(signal.SIGINT)\n"
        "try:\n"
        "    with spark_session(): pass\n"
        "except ConfigurationError as error:\n"
        "    print(error, signal.getsignal(signal.SIGINT) is before)\n"
    )
    found = _alone(script, tmp_path, {ADDRESS_VARIABLE: "nowhere"})
    assert "'nowhere'" in found
    assert found.endswith("True\n")


@pytest.mark.slow
def test_sessions_one_after_the_other_leave_nothing_behind(tmp_path: Path) -> None:
    require_spark()
    script = (
        "from retention_lab.data.spark_session import spark_session\n"
        "for x in (1, 2):\n"
        "    with spark_session() as session:\n"
        "        session.sql(f'SELECT {x} AS x').createOrReplaceTempView('v')\n"
        "        print(session.sql('SELECT sum(x) AS s FROM v').toArrow()['s'][0])\n"
        "        print(session.conf.get('spark.sql.session.timeZone'))\n"
    )
    assert _alone(script, tmp_path, {}).split() == ["1", "UTC", "2", "UTC"]
    assert [path.name for path in sorted(tmp_path.rglob("*"))] == ["temporary", "work"]


def _alone(script: str, folder: Path, more: dict[str, str]) -> str:
    """What a process of its own prints, whose working and temporary folders are new."""
    places = {name: folder / name for name in ("work", "temporary")}
    for place in places.values():
        place.mkdir()
    root = str(Path(module.__file__).parents[2])
    environment = {**os.environ, "TMPDIR": str(places["temporary"]), "PYTHONPATH": root, **more}
    command = [sys.executable, "-c", script]
    return subprocess.run(
        command, cwd=places["work"], env=environment, capture_output=True, text=True, check=True
    ).stdout
