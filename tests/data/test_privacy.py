import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from retention_lab.data.privacy import KEY_VARIABLE, key_file, pseudonym_key, pseudonyms
from retention_lab.errors import LabError


@pytest.fixture(autouse=True)
def _own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "config"))


def test_pseudonyms_are_hmac_sha_256() -> None:
    # RFC 4231, test case 2
    wanted = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert pseudonyms(["what do ya want for nothing?"], b"Jefe") == [wanted]


def test_the_key_decides_and_a_plain_hash_tells_nothing() -> None:
    ids = ["anna@example.org", "bob"]
    first, second = pseudonyms(ids, b"a" * 32), pseudonyms(ids, b"b" * 32)
    assert first == pseudonyms(ids, b"a" * 32)
    assert not set(first) & set(second)
    assert hashlib.sha256(ids[0].encode()).hexdigest() not in first


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    key = pseudonym_key()
    path = tmp_path / "config" / "retention-lab" / "pseudonym.key"
    assert len(key) == 32
    assert pseudonym_key() == key
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["pseudonym.key"]


def test_those_who_start_at_once_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: pseudonym_key(tmp_path / "new" / "key"), range(8)))
    assert len(set(keys)) == 1


def test_the_environment_wins_over_the_project_and_that_over_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert key_file().parent.name == "retention-lab"
    assert key_file(tmp_path / "a") == tmp_path / "a"
    monkeypatch.setenv(KEY_VARIABLE, str(tmp_path / "b"))
    assert key_file(tmp_path / "a") == tmp_path / "b"


@pytest.mark.parametrize("content", ["", "abcd", "no hexadecimal digits", "0" * 62])
def test_a_damaged_key_is_refused_and_kept(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(LabError, match="64 hexadecimal digits"):
        pseudonym_key(path)
    assert path.read_text() == content


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    pseudonym_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(LabError, match="chmod 600"):
        pseudonym_key(tmp_path / "key")


def test_a_key_that_cannot_be_made_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="cannot be read"):
        pseudonym_key(tmp_path / "file" / "key")
