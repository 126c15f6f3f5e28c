"""`lab train`: a definition's candidates are fitted and judged, and the best is registered."""

from collections.abc import Callable, Sequence
from datetime import datetime

from retention_lab.config.loading import read_definition
from retention_lab.workflows.model_kinds import Training, command_of
from retention_lab.workflows.project import Lab


def train(
    lab: Lab,
    name: str,
    *,
    as_of: datetime | None = None,
    overrides: Sequence[str] = (),
    register: bool = True,
    say: Callable[[str], None],
) -> Training:
    """Train the definition of that name, whatever its kind.

    Raises LabError where the definition or its data do not allow the question.
    """
    definition = read_definition(lab.project, name, overrides)
    run = command_of(str(getattr(definition, "kind", "?")), "train", name)
    found: Training = run(lab, name, as_of=as_of, overrides=overrides, register=register, say=say)
    return found
