import os
import subprocess
import sys

# what a registered model needs to predict; the rest is paid for by those who fit
LOADED = """
import sys
import retention_lab.uplift.scorer
print(*sorted({"causalml", "lightgbm", "scipy.optimize", "scipy.stats", "sklearn"} & set(sys.modules)))
"""


def test_a_scorer_loads_without_the_libraries_that_only_fitting_needs() -> None:
    found = subprocess.run(
        [sys.executable, "-c", LOADED],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert found.stdout.split() == []
