"""The `lab` command: words in, words out. Heavy imports live inside the commands, so that help is quick."""

import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from retention_lab import __version__
from retention_lab.cli import campaign, customers, experiment, feedback, model, project, store
from retention_lab.cli.data import app as data_app
from retention_lab.cli.exit_codes import CRASHED, DONE, INTERRUPTED
from retention_lab.cli.show import drop_output, show_error, show_failure
from retention_lab.errors import LabError, UsageError
from retention_lab.tracking.signals import termination_raises

app = typer.Typer(
    name="lab",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Retention Lab: which customers stay, and spend, because we acted, and what that was worth.\n\n"
    "Start with `lab demo`, or `lab init` in a folder of your own. "
    "`lab --debug COMMAND` shows tracebacks.\n\nExample: lab demo my-first-lab",
)
project.add_commands(app)
model.add_commands(app)
app.add_typer(campaign.app, name="campaign")
app.add_typer(customers.app, name="customers")
app.add_typer(data_app, name="data")
app.add_typer(experiment.app, name="experiment")
app.add_typer(feedback.app, name="feedback")
app.add_typer(store.app, name="store")


def _show_version(asked: bool) -> None:
    if asked:
        print(f"lab {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks. Accepted anywhere.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and leave."),
    ] = False,
) -> None:
    """Nothing to do: `main` takes `--debug` out of the words wherever it stands; the others act at once."""


def main(words: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code (see the contract: 0 done, 1 no, 2 usage, 3, 4, 130)."""
    found = list(sys.argv[1:] if words is None else words)
    with termination_raises():
        code = run([word for word in found if word != "--debug"], debug="--debug" in found)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        drop_output()
    sys.exit(code)


def run(words: Sequence[str], *, debug: bool = False) -> int:
    """Run one command and return its exit code; errors are printed, tracebacks only with `debug`."""
    try:
        result = app(args=list(words), prog_name="lab", standalone_mode=False)
        if result == INTERRUPTED:  # Typer makes a code of Ctrl-C itself, and says nothing
            return _explain(KeyboardInterrupt(), words)
        return result if isinstance(result, int) else DONE
    except SystemExit as error:
        if isinstance(error.__context__, BrokenPipeError):  # Typer's answer to `lab --help | head`
            drop_output()
            return DONE
        raise
    except (Exception, KeyboardInterrupt) as error:
        if debug:
            traceback.print_exc()
        return _explain(error, words)


def _explain(error: BaseException, words: Sequence[str]) -> int:
    """Say what went wrong, and return the exit code that goes with it."""
    command, as_json = _command(words), "--json" in words
    if isinstance(error, LabError):
        found = error
    elif isinstance(error, KeyboardInterrupt | typer.Abort):
        message = "Interrupted."
        remedy = "What was running is closed, and nothing half-written stays behind: run the command again."
        show_failure(command, (INTERRUPTED, "interrupted", message, remedy), as_json=as_json)
        return INTERRUPTED
    elif hasattr(error, "format_message"):
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error.format_message(), file=sys.stderr)
            return UsageError.exit_code
        found = _usage(error)
    elif isinstance(error, ModuleNotFoundError) and error.name and not error.name.startswith("retention_lab"):
        found = LabError(f"The package {error.name!r} is missing.", "Install it, and see `lab doctor`.")
    elif isinstance(error, OSError) and error.filename is not None and error.strerror:
        found = LabError(
            f"{error.strerror}.", "Check that it is there, that you may use it, and that the disk has room.",
            file=str(error.filename),
        )  # fmt: skip
    else:
        # The text of a foreign exception may hold a customer's data, so only its type is printed.
        message = f"An unexpected {type(error).__name__}: this is a fault of Retention Lab."
        remedy = "Run the command again with --debug, and report the traceback without customer data."
        show_failure(command, (CRASHED, "crash", message, remedy), as_json=as_json)
        return CRASHED
    show_error(command, found, as_json=as_json)
    return found.exit_code


def _usage(error: BaseException) -> UsageError:
    """What Typer says of the words, as one of the lab's own errors."""
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", "lab")
    sentence = str(error.format_message()).rstrip(".?")  # type: ignore[attr-defined]
    mark = "?" if "Did you mean" in sentence else "."
    return UsageError(f"{sentence}{mark}", f"See `{command} --help`.")


def _command(words: Sequence[str]) -> str:
    """The command's own words: what stands before the first argument that is not one."""
    groups = {group.name for group in app.registered_groups}
    named = [word for word in words if not word.startswith("-")]
    return " ".join(named[: 2 if named and named[0] in groups else 1])
