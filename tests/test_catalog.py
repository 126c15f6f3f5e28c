import pytest

from retention_lab import catalog
from retention_lab.uplift import learners
from retention_lab.uplift.learners.stack import stack

ENTRIES = [
    (group, name, dotted)
    for group in ("KINDS", "LEARNERS", "EXPORTS")
    for name, dotted in getattr(catalog, group).items()
] + [
    (kind, command, dotted)
    for kind, commands in catalog.MODELS.items()
    for command, dotted in commands.items()
]


@pytest.mark.parametrize(("group", "name", "dotted"), ENTRIES)
def test_every_entry_leads_to_something(group: str, name: str, dotted: str) -> None:
    assert catalog.resolve(dotted) is not None


def test_the_catalogue_offers_the_learners_that_can_be_fitted_and_read_back() -> None:
    fits = {name: learner.fit for name, learner in learners.LEARNERS.items()}
    found = {name: catalog.resolve(dotted) for name, dotted in catalog.LEARNERS.items()}
    assert found == {learners.STACK: stack, **fits}


def test_a_kind_reads_definitions_of_that_kind() -> None:
    for kind, dotted in catalog.KINDS.items():
        assert kind in str(catalog.resolve(dotted).model_fields["kind"].annotation)
