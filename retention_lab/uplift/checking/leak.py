"""Is a feature the outcome in disguise?"""

import numpy as np
from scipy import stats

from retention_lab.arrays import Floats
from retention_lab.checks import Check, check
from retention_lab.uplift.checking.bins import Binned, explained

LEAK_SHARE = 0.8  # of the outcome's variance, by one feature alone


def leak_check(features: Binned, outcome: Floats) -> Check:
    """Soft: no single feature explains nearly all of the (n,) outcome, as it stands or by its ranks.

    The ranks find a copy of money of which most is zero and a little very large, where ten groups of rows
    explain next to nothing of the variance.
    """
    binary = bool(np.all((outcome == 0) | (outcome == 1)))  # its ranks are the same two values again
    scales = [outcome] if binary else [outcome, stats.rankdata(outcome)]
    shares = [max(explained(values, bins) for values in scales) for bins in features.codes]
    found = [name for name, share in zip(features.names, shares, strict=True) if share > LEAK_SHARE]
    detail = (
        f"{', '.join(found)}: explains over {LEAK_SHARE:.0%} of the outcome alone. Was it measured later?"
        if found
        else "No feature alone explains nearly all of the outcome."
    )
    return check("suspected_leak", "soft", not found, max(shares, default=0.0), LEAK_SHARE, detail)
