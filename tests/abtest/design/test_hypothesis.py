import pytest

from retention_lab.abtest.design.hypothesis import Hypothesis, alpha_of_each, non_inferiority
from retention_lab.errors import LabError


def test_a_two_sided_test_spends_half_its_alpha_on_each_side() -> None:
    assert Hypothesis(0.05).tail == 0.025
    assert Hypothesis(0.05, "greater").tail == 0.05


def test_non_inferiority_looks_up_from_below_and_down_from_above() -> None:
    higher, lower = non_inferiority(0.02), non_inferiority(0.02, better="lower")
    assert (higher.alternative, higher.null, higher.sign) == ("greater", -0.02, 1.0)
    assert (lower.alternative, lower.null, lower.sign) == ("less", 0.02, -1.0)


def test_every_correction_is_planned_at_bonferronis_bound() -> None:
    assert {alpha_of_each(0.06, 3, one) for one in ("holm", "bonferroni", "benjamini_hochberg")} == {0.02}
    assert alpha_of_each(0.06, 3, "none") == 0.06


@pytest.mark.parametrize("alpha", [0.0, -0.1, 0.5, 1.0, float("nan")])
def test_an_impossible_alpha_is_refused(alpha: float) -> None:
    with pytest.raises(LabError, match="alpha is"):
        Hypothesis(alpha)


def test_unknown_words_are_refused_with_the_known_ones() -> None:
    with pytest.raises(LabError, match="Did you mean 'two_sided'"):
        Hypothesis(alternative="two-sided")  # type: ignore[arg-type]
    with pytest.raises(LabError, match="Known: t, normal"):
        Hypothesis(distribution="cauchy")  # type: ignore[arg-type]
    with pytest.raises(LabError, match="Did you mean 'holm'"):
        alpha_of_each(0.05, 2, "hom")  # type: ignore[arg-type]


def test_margins_and_comparisons_that_cannot_be_are_refused() -> None:
    for margin in (0.0, -0.1, float("inf")):
        with pytest.raises(LabError, match="The margin is"):
            non_inferiority(margin)
    with pytest.raises(LabError, match="0 comparisons"):
        alpha_of_each(0.05, 0, "holm")
    with pytest.raises(LabError, match="null effect is nan"):
        Hypothesis(null=float("nan"))
