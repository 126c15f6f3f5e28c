import os

import pytest

from retention_lab.tracking.process import host_name, is_gone, this_process


def test_a_process_knows_itself_and_a_later_one_of_its_number() -> None:
    tags = this_process().tags()
    assert is_gone(tags) is False
    assert is_gone(tags | {"lab.process_started": "1"}) is True
    assert is_gone(tags | {"lab.pid": "4194304"}) is True  # above the highest number of a process
    assert is_gone(tags | {"lab.boot": "another start of the machine/x"}) is True


def test_what_cannot_be_known_is_not_taken_for_gone() -> None:
    tags = this_process().tags()
    boot = tags["lab.boot"].partition("/")[0]
    assert is_gone(tags | {"lab.host": "elsewhere"}) is None
    assert is_gone(tags | {"lab.boot": f"{boot}/a container's numbers"}) is None
    assert is_gone({}) is None
    assert is_gone({"lab.host": host_name(), "lab.pid": "x"}) is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_that_ended_unwaited_for_is_gone() -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, this_process().tags()["lab.process_started"].encode())
        os._exit(0)
    started = os.read(reading, 100).decode()
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)  # ended, and still in the table of processes
    assert is_gone(this_process().tags() | {"lab.pid": str(child), "lab.process_started": started}) is True
    os.waitpid(child, 0)
