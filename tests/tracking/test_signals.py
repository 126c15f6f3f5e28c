import signal
import threading
from collections.abc import Iterator

import pytest

from retention_lab.tracking.signals import Terminated, signals_held, termination_raises


@pytest.fixture
def default_sigterm() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("default_sigterm")
def test_sigterm_raises_inside_and_ends_the_process_again_afterwards() -> None:
    with pytest.raises(Terminated), termination_raises():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.usefixtures("default_sigterm")
def test_a_handler_that_others_set_stays() -> None:
    received = []
    signal.signal(signal.SIGTERM, lambda number, _: received.append(number))
    with termination_raises():
        signal.raise_signal(signal.SIGTERM)
    assert received == [signal.SIGTERM]


def test_an_interrupt_waits_for_the_end_of_the_block() -> None:
    before, reached = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with signals_held():
            signal.raise_signal(signal.SIGINT)
            reached.append("the end")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert reached == ["the end"]
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_inside_is_not_lost_and_the_handlers_come_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(ValueError, match="inside"), signals_held():
        raise ValueError("inside")
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_other_threads_than_the_main_one_may_use_both() -> None:
    done = []

    def work() -> None:
        with termination_raises(), signals_held():
            done.append(threading.current_thread().name)

    thread = threading.Thread(target=work, name="another")
    thread.start()
    thread.join()
    assert done == ["another"]
