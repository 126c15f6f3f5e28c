"""What a test plans before it starts: its arms, and who may enter."""

from datetime import datetime

from retention_lab.abtest.entry import Entry
from retention_lab.abtest.holdout import Holdout
from retention_lab.abtest.layers import LayerSlice, require_disjoint
from retention_lab.config.abtest import AbTestDefinition
from retention_lab.config.loading import list_definitions, read_definition
from retention_lab.config.project import Project
from retention_lab.data.experiments import NONE
from retention_lab.errors import ConfigurationError, LabError
from retention_lab.workflows.campaign_audience import global_holdout
from retention_lab.workflows.project import Lab


def entry_at(lab: Lab, definition: AbTestDefinition, moment: datetime) -> Entry:
    """Who may enter at an instant: the holdout is the one that campaigns leave out, and only while it lasts.

    Raises ConfigurationError where another test has part of the slice.
    """
    found = global_holdout(lab)
    held = None
    if found is not None and found.starts <= moment and (found.until is None or moment < found.until):
        held = Holdout(found.share, found.salt)
    require_own_slice(lab.project, definition)
    return Entry(held, _slice(definition))


def planned_arms(definition: AbTestDefinition) -> dict[str, float]:
    """Planned shares by arm, control first; empty where none are planned.

    Control is the one that the definition names, else `none`, else the first as text.
    """
    planned = definition.planned_shares or {}
    if not planned:
        return {}
    control = definition.control or (NONE if NONE in planned else min(planned))
    return {control: planned[control], **{arm: share for arm, share in planned.items() if arm != control}}


def require_own_slice(project: Project, definition: AbTestDefinition) -> None:
    """Raises ConfigurationError where another test has part of the slice."""
    own = _slice(definition)
    if own is None:
        return
    for other in list_definitions(project):
        if other.name == definition.name or other.kind != definition.kind:
            continue
        try:
            theirs = read_definition(project, other.name)
        except ConfigurationError:
            continue  # one that cannot be read holds nobody, and `lab validate` says so
        if isinstance(theirs, AbTestDefinition) and _meet(own, _slice(theirs)):
            raise ConfigurationError(
                f"'{other.name}' has part of the same slice: units would be in both tests.",
                "Move one of the two, give it a layer of its own, or remove the one that has ended.",
                file=definition.file,
                key="layer",
            )


def _meet(own: LayerSlice, other: LayerSlice | None) -> bool:
    try:
        require_disjoint([own] if other is None else [own, other])
    except LabError:
        return True
    return False


def _slice(definition: AbTestDefinition) -> LayerSlice | None:
    layer = definition.layer
    return None if layer is None else LayerSlice(layer.name, layer.start, layer.end)
