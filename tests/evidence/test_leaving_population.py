import numpy as np

from evidence.leaving_population import MARKS, USUALLY, population


def test_leavers_leave_marks_of_their_own_cause_and_others_hardly_any() -> None:
    found = population(1500, 3)
    values, names = found.sample.features.values, found.sample.features.schema.names
    for kind, name in enumerate(MARKS):
        marks = values[:, names.index(name)]
        own = found.leaver & (found.cause == kind)
        assert marks[own].mean() > 1.5
        assert abs(marks[~found.leaver].mean() - USUALLY) < 0.2
    assert (found.sample.left[found.leaver] == 1).all()


def test_without_marks_the_table_is_what_the_retailer_shows() -> None:
    with_marks, without = population(1500, 3), population(1500, 3, marked=False)
    shown = with_marks.sample.features.values[:, : -len(MARKS)]
    np.testing.assert_array_equal(shown, without.sample.features.values)
