"""`lab init`: a project with folders and commented definitions that are ready to run."""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from retention_lab.config.loading import FOLDERS, PROJECT_FILE
from retention_lab.errors import ConfigurationError
from retention_lab.whole_files import write_all
from retention_lab.workflows.definition_draft import scalar

TEMPLATES = resources.files("retention_lab.workflows") / "scaffolding"


def scaffold(folder: Path) -> list[Path]:
    """Make a project in `folder`, which is made where it does not exist; returns the files written.

    Raises ConfigurationError, and writes nothing, where a lab.yaml or another of its files is there.
    """
    folder = folder.resolve()
    files = _contents(folder)
    if folder.exists() and not folder.is_dir():
        raise ConfigurationError(f"{folder} is a file.", "Name a folder.", file=folder)
    for path in (folder / PROJECT_FILE, *files):
        if _is_in_the_way(path, files[path]):
            raise ConfigurationError(
                f"{path.relative_to(folder).as_posix()} is already there, so nothing was written.",
                "Work with the project that is there, or name another folder.",
                file=path,
            )
    new = {path: data for path, data in files.items() if not path.exists()}
    write_all(list(new.items()))
    for name in ("data", "mlruns"):
        (folder / name).mkdir(exist_ok=True)
    return list(new)


def _is_in_the_way(path: Path, data: bytes) -> bool:
    """Whether a file is not ours to write; what an interrupted `lab init` left is equal, and is not."""
    if path.name == ".gitignore" or not path.exists():
        return False
    return path.name == PROJECT_FILE or path.read_bytes() != data


def _contents(folder: Path) -> dict[Path, bytes]:
    """The project's files; lab.yaml comes last, so that what is interrupted is no project yet."""
    project = (TEMPLATES / PROJECT_FILE).read_text("utf-8").replace("{{name}}", scalar(folder.name or "lab"))
    return {
        folder / ".gitignore": (TEMPLATES / "gitignore").read_bytes(),
        **{
            folder / name / template.name: template.read_bytes()
            for name in FOLDERS
            for template in sorted(_yaml_files(TEMPLATES / name), key=lambda file: file.name)
        },
        folder / PROJECT_FILE: project.encode(),
    }


def _yaml_files(folder: Traversable) -> list[Traversable]:
    return [file for file in folder.iterdir() if file.name.endswith(".yaml")]
