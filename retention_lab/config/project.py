"""lab.yaml: the settings of a project."""

import difflib
import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, model_validator

from retention_lab.config.dates import aware
from retention_lab.data.schema import TABLES
from retention_lab.errors import did_you_mean
from retention_lab.settings.frozen import Frozen, refuse
from retention_lab.settings.values import AtLeastOne, Column, Moment, Number, Share, ShareUpToAll, Text


def _table(value: str) -> str:
    if value not in TABLES:
        refuse(f"No table of a lab is named '{value}'.", did_you_mean(value, TABLES))
    return value


def _currency(value: str) -> str:
    if not re.fullmatch("[A-Z]{3}", value):
        refuse(f"'{value}' is no currency code.", "Write three capital letters, such as EUR.")
    return value


def _zone(value: str) -> str:

    zones = available_timezones()
    if value not in zones:
        near = difflib.get_close_matches(value, zones, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else "Write it as Europe/Berlin or UTC."
        refuse(f"No time zone is named '{value}'.", hint)
    return value


TableName = Annotated[Text, AfterValidator(_table)]


class DataSettings(Frozen):
    """Where the tables lie: a folder of Parquet/CSV files, a DuckDB file or a URL; and how names differ."""

    source: Text = "data/"
    tables: dict[TableName, Text] = Field(default_factory=dict)
    columns: dict[TableName, dict[Column, Column]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _columns_are_known(self) -> Self:
        for table, columns in self.columns.items():
            schema = TABLES[table]
            for column in () if schema.open else columns:
                if column not in schema.names:
                    refuse(
                        f"The table '{table}' has no column '{column}'.",
                        f"Write `column of the lab: column of yours`. {did_you_mean(column, schema.names)}",
                        key=f"columns.{table}.{column}",
                    )
        return self


class GlobalHoldout(Frozen):
    """Customers whom no campaign contacts in [from, until), so that all of them together can be valued."""

    share: Share
    salt: Text
    start: Moment = Field(alias="from")
    until: Moment | None = None


class Privacy(Frozen):
    """pseudonym_key_file: None is a key in the user's configuration folder.

    min_cell: groups of fewer customers than this are not told on pages, nor their levels and words named.
    """

    pseudonym_key_file: Text | None = None
    min_cell: AtLeastOne = 20


class TrackingSettings(Frozen):
    """uri: a team's MLflow server; None is mlruns/ in the project. MLFLOW_TRACKING_URI wins over both."""

    uri: Text | None = None


class UpliftGate(Frozen):
    """What an uplift model must show: the level, the share of the audience, the loss that is tolerated.

    tolerance: in the outcome's unit per customer.
    """

    confidence: Share = 0.95
    share: ShareUpToAll = 0.2
    tolerance: Annotated[Number, Field(ge=0)] = 0.0


class ChurnGate(Frozen):
    """None yet to compare with: against contacting nobody."""

    metric: Literal["profit"] = "profit"
    against: Literal["champion"] = "champion"


class ClvGate(Frozen):
    """same_rate: every customer keeps the rate x / T of the calibration period."""

    metric: Literal["mae"] = "mae"
    against: Literal["same_rate", "champion"] = "same_rate"


class RecommendGate(Frozen):
    """The metric and the baseline that a recommender must beat."""

    metric: Literal["ndcg_at_10"] = "ndcg_at_10"
    against: Literal["decayed_popular", "champion"] = "decayed_popular"


class Promotion(Frozen):
    """The gate of each kind of model."""

    uplift: UpliftGate = UpliftGate()
    churn: ChurnGate = ChurnGate()
    clv: ClvGate = ClvGate()
    recommend: RecommendGate = RecommendGate()


class ProjectSettings(Frozen):
    """lab.yaml. margin_share: contribution over revenue, where transactions carry no contribution."""

    name: Text
    currency: Annotated[Text, AfterValidator(_currency)] = "EUR"
    timezone: Annotated[Text, AfterValidator(_zone)] = "UTC"
    language: Literal["en", "zh-CN"] = "en"
    margin_share: ShareUpToAll | None = None
    data: DataSettings = DataSettings()
    global_holdout: GlobalHoldout | None = None
    privacy: Privacy = Privacy()
    tracking: TrackingSettings = TrackingSettings()
    promotion: Promotion = Promotion()


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a lab.yaml, and what it says."""

    folder: Path
    settings: ProjectSettings

    @property
    def tzinfo(self) -> tzinfo:
        """The project's time zone."""
        return ZoneInfo(self.settings.timezone)

    @property
    def source(self) -> str | Path:
        """Where the tables lie: a URL as it stands, or a path below the project."""
        source = self.settings.data.source
        return source if "://" in source else self.path(source)

    def path(self, relative: str | Path) -> Path:
        """A path of a definition: relative ones are relative to the project."""
        return self.folder / Path(relative).expanduser()

    def moment(self, text: str) -> datetime:
        """ISO text as an instant; without an offset it is in the project's zone."""
        return aware(text, self.tzinfo)

    def as_json(self) -> dict[str, Any]:
        """The settings as plain values."""
        return self.settings.model_dump(mode="json", by_alias=True)
