"""Whether the arms have as many units as was planned: where not, no comparison of them is to be trusted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import TypeVar

import numpy as np

from retention_lab.abtest.chi_square import log_chi_square_tail
from retention_lab.abtest.exact_multinomial import log_exact_p
from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError

# Below so many expected units in an arm the chi-square distribution misses small p-values by half and more,
# and the exact test, which is as quick there, is used.
_FEW_EXPECTED = 20.0

_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """p_value: of the planned shares; log10_p: the same, however small.

    observed: units by arm; planned: shares by arm, summing to 1; exact: of the exact distribution of the
    counts, not of the chi-square distribution.
    """

    p_value: float
    log10_p: float
    observed: dict[str, int]
    planned: dict[str, float]
    exact: bool


def sample_ratio(
    counts: Mapping[str, int] | Sequence[int], shares: Mapping[str, float] | Sequence[float]
) -> SampleRatio:
    """Compare units by arm with their planned shares; without names, arms are called by their place from 0.

    Pearson's chi-square test, and the exact multinomial test where an arm expects fewer than 20 units. The
    p-value is for one look: over many, use `running_sample_ratio`.

    Raises LabError where arms and shares do not match, a share is not above 0, shares do not sum to 1, or
    there are no units.
    Source: Fabijan et al. (2019), Diagnosing Sample Ratio Mismatch in Online Controlled Experiments,
    KDD '19, doi:10.1145/3292500.3330722.

    >>> found = sample_ratio({"control": 49_000, "coupon": 51_000}, {"control": 0.5, "coupon": 0.5})
    >>> f"{found.p_value:.1e}"
    '2.5e-10'
    """
    observed, planned = _by_arm(counts), _by_arm(shares)
    units, share = checked_shares(observed, planned)
    total = int(np.sum(units))
    if total == 0:
        raise LabError("No arm has a unit, so there is no split to check.", "Check that the table has rows.")
    expected = total * share
    few = bool(np.min(expected) < _FEW_EXPECTED)
    if few:
        log_p = log_exact_p(units, share)
    else:
        statistic = float(np.sum((units - expected) ** 2 / expected))
        log_p = log_chi_square_tail(statistic, len(units) - 1)
    return SampleRatio(
        exp(log_p),
        log_p / log(10),
        {arm: int(count) for arm, count in observed.items()},
        dict(zip(observed, share.tolist(), strict=True)),
        few,
    )


def checked_shares(observed: Mapping[str, int], planned: Mapping[str, float]) -> tuple[Ints, Floats]:
    """(K,) units and (K,) shares that sum to 1 exactly, both in the order of the units."""
    if set(observed) != set(planned) or len(observed) < 2:
        raise LabError(
            f"Units were counted in the arms {', '.join(observed) or 'none'}, and shares planned for "
            f"{', '.join(planned) or 'none'}.",
            "Give both for the same two arms or more, an arm without units as 0.",
        )
    units = np.array([observed[arm] for arm in observed], dtype=np.int64)
    share = np.array([planned[arm] for arm in observed], dtype=np.float64)
    if np.any(units < 0):
        raise LabError("A number of units is below 0.", "Give counts.")
    if not np.all(share > 0) or abs(float(np.sum(share)) - 1) > 1e-6:
        raise LabError(
            f"The planned shares are {', '.join(f'{one:g}' for one in share)}.",
            "Give shares above 0 that sum to 1: an arm that should get nobody is no arm.",
        )
    return units, share / np.sum(share)


def _by_arm(numbers: Mapping[str, _Number] | Sequence[_Number]) -> dict[str, _Number]:
    if isinstance(numbers, Mapping):
        return dict(numbers)
    return {str(place): number for place, number in enumerate(numbers)}
