"""`lab campaign next`: what is due for each campaign, for a person or for a scheduler that runs it.

What is done is read from where it was done: plans and launches in campaigns/, assignments in data/, send
files and their manifests, measurements and trainings among the runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from retention_lab.config.campaign import CampaignDefinition
from retention_lab.config.loading import list_definitions, read_definition
from retention_lab.data.experiments import experiment_windows
from retention_lab.errors import LabError, UsageError, did_you_mean
from retention_lab.tracking.search import find_runs
from retention_lab.tracking.store import Store
from retention_lab.workflows.launch_campaign import launch_of, launched_plan, launches
from retention_lab.workflows.plan_files import latest_plan, read_plan
from retention_lab.workflows.project import Lab

ACTIONS = ("export", "import", "measure", "retrain", "launch", "plan")
_FRESH_PLAN = timedelta(days=7)  # what customers did since would dilute what it causes


@dataclass(frozen=True, slots=True)
class Due:
    """Something to do now: one of `ACTIONS`, and the command that does it. experiment: the launch, if any."""

    campaign: str
    action: str
    why: str
    command: str
    experiment: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A launch whose outcomes still come in, until when (aware)."""

    campaign: str
    experiment: str
    until: datetime


@dataclass(frozen=True, slots=True)
class NextReport:
    """What is due at a date, in the order of `ACTIONS`, what is waited for, and what cannot be read."""

    as_of: datetime
    due: tuple[Due, ...]
    waiting: tuple[Waiting, ...]
    unreadable: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "as_of": self.as_of.isoformat(),
            "due": [{name: getattr(one, name) for name in one.__slots__} for one in self.due],
            "waiting": [
                {"campaign": one.campaign, "experiment": one.experiment, "until": one.until.isoformat()}
                for one in self.waiting
            ],
            "unreadable": dict(self.unreadable),
        }


@dataclass(frozen=True, slots=True)
class _Launch:
    """closes_at: of its outcomes (aware). is_complete: whether the data reach that far."""

    name: str
    closes_at: datetime
    is_complete: bool
    is_exported: bool


def next_campaigns(lab: Lab, names: Sequence[str] = (), *, as_of: datetime | None = None) -> NextReport:
    """What is due for the named campaigns, for all where none is named.

    as_of: None is the clock's time, since outcomes come in by the clock.
    Raises UsageError for a name that is no campaign's; a definition that cannot be read is listed.
    """
    now = datetime.now(UTC) if as_of is None else lab.start_of(as_of)
    there = [one.name for one in list_definitions(lab.project) if one.kind == "campaign"]
    for name in names:
        if name not in there:
            raise UsageError(f"No campaign is named '{name}'.", did_you_mean(name, there))
    due: list[Due] = []
    waiting: list[Waiting] = []
    unreadable: dict[str, str] = {}
    store = lab.open_store()
    for name in names or there:
        try:
            definition = read_definition(lab.project, name)
            if not isinstance(definition, CampaignDefinition):
                raise TypeError(f"{name} is of kind campaign and is none")
            found = _launches(lab, definition, now)
        except LabError as error:
            unreadable[name] = str(error)
            continue
        due += _due(lab, store, definition, found, now)
        waiting += [Waiting(name, one.name, one.closes_at) for one in found if one.closes_at > now]
    due.sort(key=lambda one: ACTIONS.index(one.action))
    return NextReport(now, tuple(due), tuple(waiting), unreadable)


def _launches(lab: Lab, definition: CampaignDefinition, now: datetime) -> list[_Launch]:
    """Those that were made by `now`, the oldest first, and where their outcomes stand."""
    written = launches(lab, definition.name)
    if not written:
        return []
    complete = _complete(lab, definition, written)
    send = lab.folder / "campaigns" / definition.name / "send"
    found = []
    for name in written:
        plan = read_plan(launched_plan(lab, definition.name, name))
        closes_at = plan.as_of + timedelta(days=int(plan.facts["horizon_days"]))
        if plan.as_of <= now:
            exported = (send / f"{name}.manifest.json").exists()
            found.append(_Launch(name, closes_at, closes_at <= now and name in complete, exported))
    return found


def _complete(lab: Lab, definition: CampaignDefinition, names: Sequence[str]) -> set[str]:
    """Launches whose outcomes are in the project's tables; a flat audience's never are."""
    if definition.audience.flat:
        return set()
    horizons = {
        int(read_plan(launched_plan(lab, definition.name, one)).facts["horizon_days"]) for one in names
    }
    with lab.open_tables() as tables:
        return {
            window.experiment
            for days in horizons
            for window in experiment_windows(tables, days)
            if window.closed and window.experiment in names
        }


def _due(
    lab: Lab, store: Store, definition: CampaignDefinition, found: Sequence[_Launch], now: datetime
) -> list[Due]:
    name, due = definition.name, []
    measured = _measured(store, name)
    for one in found:
        if one.closes_at > now:
            if not one.is_exported:
                why = "It is launched, and no send file was written."
                due.append(Due(name, "export", why, _command("export", name, one.name), one.name))
        elif definition.audience.flat or one.name in measured:
            continue
        elif one.is_complete:
            why = f"Its outcomes are complete since {one.closes_at:%Y-%m-%d}."
            due.append(Due(name, "measure", why, _command("measure", name, one.name), one.name))
        else:
            why = f"Its outcomes closed on {one.closes_at:%Y-%m-%d}, and the transactions end before."
            due.append(Due(name, "import", why, "lab data import transactions FILE --append", one.name))
    due += _retraining(store, definition, [measured[one.name] for one in found if one.name in measured])
    if all(one.closes_at <= now for one in found):
        due.append(_next_launch(lab, name, now, found))
    return due


def _measured(store: Store, name: str) -> dict[str, int]:
    """Launch -> when it was last measured, in milliseconds since 1970."""
    where = "attributes.status = 'FINISHED' and tags.`lab.role` = 'measure'"
    runs = find_runs(store, f"campaign/{name}", where)
    return {run.tags["lab.experiment"]: run.started for run in reversed(runs) if "lab.experiment" in run.tags}


def _retraining(store: Store, definition: CampaignDefinition, measured: Sequence[int]) -> list[Due]:
    """The model has not seen what was measured since it was last trained, by the clock of the runs."""
    model = definition.policy.model.name
    where = "attributes.status = 'FINISHED' and tags.`lab.role` = 'parent'"
    trained = max((run.started for run in find_runs(store, f"train/{model}", where)), default=0)
    new = sum(at > trained for at in measured)
    if definition.audience.flat or new == 0:
        return []
    launches_are = "1 launch was" if new == 1 else f"{new} launches were"
    why = f"{launches_are} measured since '{model}' was last trained."
    return [Due(definition.name, "retrain", why, f"lab train {model}")]


def _next_launch(lab: Lab, name: str, now: datetime, found: Sequence[_Launch]) -> Due:
    """Nobody of this campaign is under way: a fresh plan can be launched, else one can be made."""
    try:
        plan = latest_plan(lab, name)
    except LabError:
        return Due(name, "plan", "It was never planned.", _command("plan", name))
    if launch_of(lab, name, plan):
        last = max(one.closes_at for one in found) if found else plan.as_of
        why = f"Its last launch is over since {last:%Y-%m-%d}."
        return Due(name, "plan", why, _command("plan", name))
    if abs(now - plan.as_of) > _FRESH_PLAN:
        why = f"Its plan of {plan.as_of:%Y-%m-%d} is too old to launch."
        return Due(name, "plan", why, _command("plan", name))
    why = f"Its plan of {plan.as_of:%Y-%m-%d} waits to be launched."
    return Due(name, "launch", why, _command("launch", name))


def _command(action: str, name: str, experiment: str | None = None) -> str:
    return f"lab campaign {action} {name}" + (f" --experiment {experiment}" if experiment else "")
