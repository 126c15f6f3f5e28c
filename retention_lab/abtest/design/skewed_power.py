"""What skewness does to the power of Welch's test: with arms of unequal sizes it moves it by points.

The mean of a skewed arm and its estimated variance move together. Where the smaller arm is the treated one
and spend is skewed to the right, a low mean comes with a low standard error, and the test finds an effect
more often than planned; where the smaller arm is the control, a holdout say, less often. Equal arms cancel.
"""

from scipy.special import ndtri

_MOST = 0.6  # skewness of an estimated effect: beyond it no expansion helps, and the test is no good
_LOWEST, _HIGHEST = -4.0, 2.0  # of shift less critical value: further out power is 0 or 1 in any case


def skewed_shift(shift: float, tail: float, skewness: float) -> float:
    """The shift at which a symmetric test has the power that this one has under skewness.

    shift: true effect less the null in standard errors; tail: of the test, on its side; skewness: of the
    estimated effect, in the direction of the shift, cut off at 0.6. The test rejects where the effect's error
    Z exceeds c times the estimated standard error less the shift, to first order Z - c W / 2 > c - shift,
    with W the error of the estimated variance, whose covariance with Z is the skewness. The left side has
    variance 1 - c * skewness, entered to second order, and the skewness of Z.

    In simulations the power is then within a point where the skewness of the effect is below 0.3; with tails
    as heavy as lognormal amounts of a log-spread of 1, among three quarters of zeros, within two.
    Source: Hall (1992), The Bootstrap and Edgeworth Expansion, section 2.6, doi:10.1007/978-1-4612-4384-7,
    whose expansion of a studentised mean under the null is here taken at an effect.

    >>> skewed_shift(2.8, 0.025, 0.0)
    2.8
    """
    if skewness == 0:
        return shift
    critical = float(-ndtri(tail))
    held = min(max(skewness, -_MOST), _MOST)
    together = min(max(critical * held, -1.0), 1.0)
    w = shift - critical
    near = min(max(w, _LOWEST), _HIGHEST)
    return shift + near * (together / 2 + 3 * together**2 / 8) + held * (near * near - 1) / 6
