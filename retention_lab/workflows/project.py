"""A project, opened: its settings, and its tables and tracking store on demand."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from retention_lab.config.loading import find_project, read_project
from retention_lab.config.project import Project, ProjectSettings
from retention_lab.data.connect import Tables, open_tables
from retention_lab.tracking.store import Store, open_folder_store, open_store


@dataclass(frozen=True, slots=True)
class Lab:
    """A project whose tables and store are opened when they are asked for.

    own_store: its runs stay in its folder, whatever settings and environment name.
    """

    project: Project
    own_store: bool = False

    @property
    def folder(self) -> Path:
        """The folder that holds lab.yaml."""
        return self.project.folder

    @property
    def settings(self) -> ProjectSettings:
        """What lab.yaml says."""
        return self.project.settings

    def open_store(self) -> Store:
        """The MLflow store; raises StoreError where it cannot be reached."""
        if self.own_store:
            return open_folder_store(self.folder)
        return open_store(self.folder, self.settings.tracking.uri)

    def open_tables(self) -> Tables:
        """The project's tables, to be used in a `with` block."""
        settings = self.settings
        return open_tables(
            settings.data.source,
            self.folder,
            tables=settings.data.tables,
            columns=settings.data.columns,
            timezone=settings.timezone,
            margin_share=settings.margin_share,
        )

    def start_of(self, date: datetime) -> datetime:
        """The date as an instant: in the project's time zone where it names none."""
        return date if date.tzinfo else date.replace(tzinfo=ZoneInfo(self.settings.timezone))


def open_project(folder: Path | None = None) -> Lab:
    """The project in `folder`, or the one that the working directory lies in."""
    return Lab(read_project(find_project(folder)))
