"""causalml speaks to its developers: its log and its libraries' warnings stay out of a lab's output."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_LOGGERS = ("causalml", "duecredit", "shap", "matplotlib")


@contextmanager
def quietly() -> Iterator[None]:
    """Import causalml and call it in here; errors come through as they are."""
    before = {name: logging.getLogger(name).level for name in _LOGGERS}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for name in _LOGGERS:
                logging.getLogger(name).setLevel(logging.CRITICAL + 1)
            yield
        finally:
            for name, level in before.items():
                logging.getLogger(name).setLevel(level)
