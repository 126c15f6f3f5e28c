import logging
import subprocess
import sys
import warnings

import pytest

from retention_lab.uplift.learners.from_causalml.quiet import quietly


def test_warnings_and_logs_stay_inside_and_come_back_after() -> None:
    logger = logging.getLogger("causalml")
    level = logger.level
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with quietly():
            warnings.warn("of no interest", stacklevel=1)
            assert not logger.isEnabledFor(logging.ERROR)
        with pytest.raises(UserWarning, match="heard"):
            warnings.warn("heard", stacklevel=1)
    assert logger.level == level


def test_errors_come_through_and_the_log_is_back() -> None:
    logger = logging.getLogger("causalml")
    level = logger.level
    with pytest.raises(ValueError, match="as it is"), quietly():
        raise ValueError("as it is")
    assert logger.level == level


def test_the_learners_do_not_load_causalml_or_numba_before_they_are_used() -> None:
    code = (
        "import sys, retention_lab.uplift\n"
        "print([m for m in ('causalml', 'numba', 'shap', 'xgboost') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
