"""Run every benchmark and write docs/benchmarks.md: python -m benchmarks [NAME …].

Several names are each run in a process of their own: a process's peak memory counts what had started it.
"""

import importlib
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType

NAMES = (
    "loop",
    "uplift_metrics",
    "uplift",
    "uplift_scale",
    "hillstrom",
    "clv",
    "clv_holdout",
    "abtest",
    "abtest_simulate",
    "abtest_command",
    "assignment",
    "targeting",
    "churn_telco",
    "feedback_tone",
    "feedback_churn",
    "features",
    "demand",
    "basket_rules",
    "recommend_models",
)
PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
PACKAGES = ("retention-lab", "mlflow", "lightgbm", "duckdb", "numpy", "scikit-learn")


def main(names: list[str]) -> None:
    """Write the page with the sections that were asked for; sections that were not stay as they are."""
    for name in names:
        if name not in NAMES:
            raise SystemExit(f"No benchmark is named {name!r}. Known: {', '.join(NAMES)}.")
    if len(names) == 1:
        write_section(names[0])
        return
    for name in names or NAMES:
        subprocess.run([sys.executable, "-m", "benchmarks", name], check=True)


def write_section(name: str) -> None:
    """Run one benchmark, and put its section into the page."""
    module = importlib.import_module(f"benchmarks.{name}")
    print(f"running {name}", file=sys.stderr)
    section = f"## {module.TITLE}\n\n{module.NOTE}\n\n{_markdown(module.table())}\n\n{_machine(module)}"
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Benchmarks\n"
    PAGE.write_text(_with_section(text, name, section), encoding="utf-8")
    print(PAGE)


def _with_section(text: str, name: str, section: str) -> str:
    start, end = f"<!-- {name}: start -->\n", f"<!-- {name}: end -->\n"
    body = f"{start}{section}\n{end}"
    if start not in text:
        return f"{text.rstrip()}\n\n{body}"
    before, _, rest = text.partition(start)
    return before + body + rest.partition(end)[2]


def _machine(module: ModuleType) -> str:
    packages = (*PACKAGES, *getattr(module, "BESIDE", ()))
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in packages)
    return f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, {versions}."


def _markdown(rows: list[list[str]]) -> str:
    head, *body = rows
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    main(sys.argv[1:])
