"""kind: abtest: a comparison of arms, one row a unit, or one of the project's own experiments."""

from typing import Literal, Self

from pydantic import model_validator

from retention_lab.abtest.specification import Specification
from retention_lab.config.base import Definition
from retention_lab.errors import did_you_mean
from retention_lab.settings.frozen import refuse
from retention_lab.settings.values import Label, Text

# What a unit of the project's own experiments carries, whatever its table says.
UNIT_COLUMNS = ("orders", "revenue", "contribution", "redemption_cost", "contact_cost", "profit", "active")


class AbTestDefinition(Definition, Specification):
    """An A/B test and where its rows lie: in a flat table, or in the project's tables.

    source: where a public table can be had, told when it is missing. experiment: a name in `assignments`.
    engine: who reads and adds up the table; for Spark it may be a folder of Parquet files or a URI.
    unit: null, written out, for a flat table without ids; then nobody can see a unit that stands in two rows.
    """

    kind: Literal["abtest"]
    table: Text | None = None
    source: Text | None = None
    experiment: Label | None = None
    engine: Literal["duckdb", "spark"] = "duckdb"

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.table is None) == (self.experiment is None):
            refuse("A test reads one source.", "Give either `table: …` or `experiment: …`.", key="table")
        for key in ("arm", "control") if self.table else ():
            if getattr(self, key) is None:
                refuse(f"A flat table needs `{key}`.", f"Add `{key}: …`.", key=key)
        if self.table and "unit" not in self.model_fields_set:
            refuse(
                "A flat table needs `unit`.",
                "Add `unit: …`, or `unit: null` where no column names the units.",
                key="unit",
            )
        for key in ("unit", "arm", "source", "exposed_at", "cluster") if self.experiment else ():
            if getattr(self, key) is not None:
                refuse(f"`{key}` belongs to a flat `table:`.", f"Leave `{key}` out.", key=key)
        if self.experiment and self.engine == "spark":
            refuse("The project's own tables are read by DuckDB.", "Leave `engine` out.", key="engine")
        return self

    @model_validator(mode="after")
    def _columns_exist(self) -> Self:
        for position, metric in enumerate(self.metrics):
            for column in metric.columns if self.experiment else ():
                if column not in UNIT_COLUMNS:
                    refuse(
                        f"A unit of an experiment has no column '{column}'.",
                        did_you_mean(column, UNIT_COLUMNS),
                        key=f"metrics.{position}",
                    )
        return self
