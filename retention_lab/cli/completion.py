"""What the shell may complete beyond commands and options."""

from pathlib import Path


def definition_names() -> list[str]:
    """Names that a command may be given here: file stems, found without reading a definition."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "lab.yaml").is_file():
            files = [*folder.glob("experiments/*.yaml"), *folder.glob("campaigns/*.yaml")]
            return sorted(file.stem for file in files)
    return []
