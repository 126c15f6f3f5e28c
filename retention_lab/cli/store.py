"""`lab store …`: the tracking store."""

import typer

from retention_lab.cli.exit_codes import ANSWER_IS_NO, DONE
from retention_lab.cli.options import AsJson, ProjectFolder
from retention_lab.cli.show import show

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The tracking store: examine it, mend it.\n\nExample: lab store doctor",
)


@app.command()
def doctor(project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """Examine the store.

    Its integrity, runs by status, versions whose files are missing or changed.

    Example: lab store doctor
    """
    from retention_lab.cli.texts import checks_text
    from retention_lab.workflows.project import open_project
    from retention_lab.workflows.store import doctor as examine

    lab = open_project(project)
    report = examine(lab.folder, lab.settings.tracking.uri)
    show(
        "store doctor", report.as_json(), lambda console: checks_text(console, report.checks), as_json=as_json
    )
    raise typer.Exit(DONE if report.passed else ANSWER_IS_NO)


@app.command()
def reap(project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """Close the runs of processes that died without a word.

    Only of this machine.

    Example: lab store reap
    """
    from retention_lab.cli.texts import reap_text
    from retention_lab.workflows.project import open_project
    from retention_lab.workflows.store import reap as close_dead_runs

    lab = open_project(project)
    report = close_dead_runs(lab.folder, lab.settings.tracking.uri)
    show("store reap", report.as_json(), lambda console: reap_text(console, report), as_json=as_json)


@app.command()
def relocate(project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """Let the store of a project that was moved find its files.

    Example: lab store relocate
    """
    from retention_lab.workflows.project import open_project
    from retention_lab.workflows.store import relocate_store

    lab = open_project(project)
    changed = relocate_store(lab.folder, lab.settings.tracking.uri)
    sentence = f"{changed:,} paths changed." if changed else "Every path is right already."
    show("store relocate", {"changed": changed}, lambda console: console.print(sentence), as_json=as_json)
