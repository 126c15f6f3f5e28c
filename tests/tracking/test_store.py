import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from retention_lab.errors import StoreError
from retention_lab.tracking.runs import start_run
from retention_lab.tracking.store import Store, open_store
from tests.root_rights import obeying_modes


@pytest.fixture
def nobody_listens() -> Iterator[int]:
    with socket.socket() as taken:  # bound and not listening: a connection is refused
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_folder_with_spaces_and_umlauts_is_fine(tmp_path: Path) -> None:
    store = open_store(tmp_path / "Größe & 优惠 #1")
    with start_run(store, "train/winback", "x", {}) as run:
        run.log_text("a.txt", "a")
    assert (store.folder / "mlruns/artifacts/train/winback" / run.id / "artifacts/a.txt").read_text() == "a"


def test_a_folder_that_mlflow_cannot_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="'%' or"):
        open_store(tmp_path / "50% off")


def test_a_folder_without_write_access_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with obeying_modes(), pytest.raises(StoreError, match="cannot be written"):
        open_store(tmp_path)


def test_the_environment_wins_over_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/env/m.db")
    store = open_store(tmp_path / "project", "sqlite:///set.db")
    assert store.database == tmp_path / "env" / "m.db"
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert open_store(tmp_path / "project", "sqlite:///set.db").database == tmp_path / "project" / "set.db"


def test_an_unreachable_server_is_said_quickly_and_without_its_password(
    tmp_path: Path, nobody_listens: int
) -> None:
    start = time.monotonic()
    with pytest.raises(StoreError) as caught:
        open_store(tmp_path, f"http://ann:pa55word@127.0.0.1:{nobody_listens}")
    assert time.monotonic() - start < 10
    assert caught.value.exit_code == 4
    assert "pa55word" not in str(caught.value)
    assert f"127.0.0.1:{nobody_listens}" in str(caught.value)


def test_a_database_server_without_its_driver_says_what_to_install(tmp_path: Path) -> None:
    try:
        import psycopg2  # type: ignore[import-not-found]  # noqa: F401
    except ImportError:
        with pytest.raises(StoreError, match="driver 'psycopg") as caught:
            open_store(tmp_path, "postgresql://ann:pa55word@127.0.0.1:1/lab")
        assert "pa55word" not in str(caught.value)


def test_a_store_does_not_show_its_password_when_printed(store: Store) -> None:
    assert "uri=" not in repr(store)
