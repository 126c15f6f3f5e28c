"""The `lab` command: words in, words out. Heavy imports live inside the commands, so that help is quick."""

import os
import sys
import traceback
from collections.abc import Sequence

import typer

from retention_lab.cli import campaign, customers, model, project, store
from retention_lab.cli.data import app as data_app
from retention_lab.cli.show import show_error
from retention_lab.errors import LabError, UsageError

INTERRUPTED = 130
TERMINATED = 143
CRASHED = 70

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
app.add_typer(store.app, name="store")


@app.callback()
def options(
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error. Accepted anywhere."),
) -> None:
    """Nothing to do: `main` takes `--debug` out of the words wherever it stands."""


def main(words: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code (see the contract: 0 done, 1 no, 2 usage, 3, 4, 130)."""
    found = list(sys.argv[1:] if words is None else words)
    code = run([word for word in found if word != "--debug"], debug="--debug" in found)
    _flush_quietly()
    sys.exit(code)


def run(words: Sequence[str], *, debug: bool = False) -> int:
    """Run one command and return its exit code; errors are printed, tracebacks only with `debug`."""
    as_json = "--json" in words
    try:
        result = app(args=list(words), prog_name="lab", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except LabError as error:
        found: LabError = error
    except (KeyboardInterrupt, typer.Abort):
        print("Interrupted. What was running is closed; nothing half-written stays behind.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    except Exception as error:
        if not hasattr(error, "format_message"):
            return _crashed(error, debug=debug)
        found = UsageError(str(error.format_message()).rstrip("."), "See the command's --help.")
    if debug:
        traceback.print_exc()
    show_error(_command(words), found, as_json=as_json)
    return found.exit_code


def _command(words: Sequence[str]) -> str:
    """The command's own words: what stands before the first argument that is not one."""
    groups = {group.name for group in app.registered_groups}
    named = [word for word in words if not word.startswith("-")]
    return " ".join(named[: 2 if named and named[0] in groups else 1])


def _crashed(error: Exception, *, debug: bool) -> int:
    # The text of a foreign exception may hold a customer's data, so only its type is printed.
    if debug:
        traceback.print_exc()
    print(
        f"Error: an unexpected {type(error).__name__}. This is a fault of Retention Lab. "
        "Run the command again with --debug, and report the traceback without customer data.",
        file=sys.stderr,
    )
    return CRASHED


def _flush_quietly() -> None:
    # A reader that went away (`lab … | head`) is no error.
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
