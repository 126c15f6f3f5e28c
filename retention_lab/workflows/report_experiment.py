"""`lab experiment report`: the latest analysis as a page; and where `analyze` keeps its pages."""

from typing import Any

from retention_lab.errors import LabError
from retention_lab.tracking.artifacts import read_artifact
from retention_lab.tracking.runs import Run
from retention_lab.tracking.search import RunRecord, find_runs
from retention_lab.whole_files import write_whole
from retention_lab.workflows.experiment_page import Analyzed, experiment_pages
from retention_lab.workflows.project import Lab

LANGUAGES_TAG = "lab.page_languages"  # in the order of the run's pages, the first without a suffix


def page_file(name: str, suffix: str = "") -> str:
    """Where a test's page lies in the project."""
    return f"reports/{name}{suffix}.html"


def keep_pages(lab: Lab, run: Run, found: Analyzed) -> None:
    """Write the pages into the project, and keep them with the run."""
    pages = experiment_pages(lab, found)
    run.set_tags({LANGUAGES_TAG: " ".join(pages)})
    for suffix, page in zip(_suffixes(list(pages)), pages.values(), strict=True):
        run.log_text(f"report{suffix}.html", page)
        write_whole(lab.folder / page_file(found.name, suffix), page.encode())


def report_experiment(lab: Lab, name: str) -> dict[str, Any]:
    """Write the pages of the latest analysis into the project again, the project's language first.

    Raises LabError where the test has not been analyzed, StoreError where its pages are gone.
    """
    store = lab.open_store()
    run = _latest(find_runs(store, f"abtest/{name}", "attributes.status = 'FINISHED'"), name)
    languages = run.tags[LANGUAGES_TAG].split()
    kept = dict(zip(languages, _suffixes(languages), strict=True))
    ordered = sorted(languages, key=lambda one: one != lab.settings.language)
    files: dict[str, str] = {}
    for language, suffix in zip(ordered, _suffixes(ordered), strict=True):
        files[language] = page_file(name, suffix)
        page = read_artifact(store, run, f"report{kept[language]}.html")
        write_whole(lab.folder / files[language], page)
    return {"file": files[ordered[0]], "files": files}


def _latest(runs: list[RunRecord], name: str) -> RunRecord:
    found = next((run for run in runs if LANGUAGES_TAG in run.tags), None)
    if found is None:
        raise LabError(
            f"'{name}' has no page: it has not been analyzed to the end.",
            f"Run `lab experiment analyze {name}`.",
            key="name",
        )
    return found


def _suffixes(languages: list[str]) -> list[str]:
    """Of the files: none for the first language, its name for every other."""
    return ["" if i == 0 else f".{language}" for i, language in enumerate(languages)]
