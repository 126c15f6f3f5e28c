"""Finding runs again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from retention_lab.tracking.store import Store, store_errors

_A_PAGE = 1000


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as it is kept. started, ended: milliseconds since 1970. parent: its id, or empty."""

    id: str
    experiment: str
    name: str
    status: str
    started: int
    ended: int | None
    parent: str
    artifact_uri: str
    tags: Mapping[str, str]
    params: Mapping[str, str]
    metrics: Mapping[str, float]


def find_runs(store: Store, experiment: str, where: str = "") -> list[RunRecord]:
    """The runs of an experiment, the newest first; none where it does not exist. where: MLflow's filter."""
    with store_errors(store):
        found = store.client.get_experiment_by_name(experiment)
    return [] if found is None else _search(store, {str(found.experiment_id): experiment}, where)


def find_all_runs(store: Store, where: str = "") -> list[RunRecord]:
    """The runs of every experiment that has not been deleted, the newest first."""
    names: dict[str, str] = {}
    token = None
    while True:
        with store_errors(store):
            page = store.client.search_experiments(max_results=_A_PAGE, page_token=token)
        names |= {str(experiment.experiment_id): str(experiment.name) for experiment in page}
        token = page.token
        if not token:
            return _search(store, names, where)


def get_run(store: Store, run_id: str) -> RunRecord:
    """One run by its id. Raises StoreError where there is none."""
    with store_errors(store):
        run = store.client.get_run(run_id)
        experiment = store.client.get_experiment(run.info.experiment_id)
    return _record(run, {str(experiment.experiment_id): str(experiment.name)})


def child_runs(store: Store, parent: RunRecord) -> list[RunRecord]:
    """The runs inside a run, the newest first."""
    return find_runs(store, parent.experiment, f"tags.`mlflow.parentRunId` = '{parent.id}'")


def _search(store: Store, experiments: Mapping[str, str], where: str) -> list[RunRecord]:
    found: list[RunRecord] = []
    token = None
    ids: Sequence[str] = list(experiments)
    while ids:
        with store_errors(store):
            page = store.client.search_runs(
                ids, where, max_results=_A_PAGE, order_by=["attributes.start_time DESC"], page_token=token
            )
        found.extend(_record(run, experiments) for run in page)
        token = page.token
        if not token:
            break
    return found


def _record(run: Any, experiments: Mapping[str, str]) -> RunRecord:
    return RunRecord(
        id=str(run.info.run_id),
        experiment=experiments[str(run.info.experiment_id)],
        name=str(run.info.run_name or ""),
        status=str(run.info.status),
        started=int(run.info.start_time),
        ended=None if run.info.end_time is None else int(run.info.end_time),
        parent=str(run.data.tags.get("mlflow.parentRunId", "")),
        artifact_uri=str(run.info.artifact_uri),
        tags=dict(run.data.tags),
        params=dict(run.data.params),
        metrics=dict(run.data.metrics),
    )
