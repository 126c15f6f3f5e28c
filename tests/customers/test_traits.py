import numpy as np

from retention_lab.cleaning import indicators
from retention_lab.customers.traits import Trait, segment_names, traits
from retention_lab.features import FeatureSchema

SCHEMA = FeatureSchema(("spend", "region"), (None, ("north", "south")))


def test_differences_are_in_standard_deviations_of_everybody() -> None:
    values = np.array([[0.0, 0], [0, 0], [4, 1], [4, 1]])
    found = traits(indicators(values, SCHEMA), np.array([0, 0, 1, 1]), 2, SCHEMA)
    spend = next(trait for trait in found[1] if trait.feature == "spend")
    assert (spend.direction, spend.difference) == ("high", 1.0)
    south = next(trait for trait in found[1] if trait.level == "south")
    assert (south.direction, south.difference) == ("high", 1.0)
    assert [(trait.feature, trait.level) for trait in found[0]] == [("spend", None), ("region", "north")]


def test_an_empty_segment_and_a_feature_that_does_not_vary_have_no_traits() -> None:
    values = np.array([[1.0, 0], [1, 0]])
    found = traits(indicators(values, SCHEMA), np.array([0, 0]), 2, SCHEMA)
    assert found == ((), ())


def test_no_two_segments_share_a_name() -> None:
    rich = [Trait("spend", None, "high", 2.0), Trait("orders", None, "high", 1.0)]
    richer = [*rich, Trait("region", "north", "high", 0.5)]
    names = segment_names([rich, richer, rich, [], []])
    assert names[:2] == ("high spend, high orders", "high spend, high orders, region north")
    assert names[3:] == ("average", "average (2)")
    assert len(set(names)) == 5


def test_small_differences_make_no_name() -> None:
    assert segment_names([[Trait("spend", None, "low", -0.29)]]) == ("average",)
