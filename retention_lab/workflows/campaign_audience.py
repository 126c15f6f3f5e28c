"""Who may be assigned in a campaign: customers of the project, or rows of a flat file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from retention_lab.config.campaign import CampaignDefinition
from retention_lab.config.flat_file import find_flat_file
from retention_lab.data.connect import Tables
from retention_lab.data.eligibility import GlobalHoldout, audience
from retention_lab.data.read import read_flat
from retention_lab.errors import LabError, did_you_mean
from retention_lab.tracking.models import Loaded
from retention_lab.workflows.keys import customer_keys
from retention_lab.workflows.project import Lab
from retention_lab.workflows.row_units import content_units, id_units
from retention_lab.workflows.seen_rows import seen_rows
from retention_lab.workflows.train_uplift import trained_definition

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Eligible:
    """n eligible. ids: (n,) text. table: what the model reads. considered: customers before any reason."""

    ids: np.ndarray
    table: pa.Table
    considered: int
    suppressed: Mapping[str, int]
    notes: tuple[str, ...]
    as_of: datetime

    def __len__(self) -> int:
        return len(self.ids)


def eligible_customers(lab: Lab, definition: CampaignDefinition, tables: Tables, as_of: datetime) -> Eligible:
    """The eligible customers of the project at a date. Raises LabError where there are none."""
    found = audience(
        tables,
        as_of,
        where=definition.audience.where,
        channel=definition.audience.channel,
        min_days_between_assignments=definition.min_days_between_assignments,
        global_holdout=global_holdout(lab),
    )
    if found.rows.num_rows == 0:
        reasons = ", ".join(f"{reason}: {count}" for reason, count in found.suppressed.items() if count)
        raise LabError(
            f"None of the {found.considered} customers is eligible ({reasons}).",
            "Widen `audience.where`, or wait until an open campaign has closed.",
            file=definition.file,
            key="audience",
        )
    ids = np.asarray(found.rows["customer_id"].to_numpy(zero_copy_only=False))
    return Eligible(ids, found.rows, found.considered, found.suppressed, found.notes, as_of)


def eligible_rows(
    lab: Lab, definition: CampaignDefinition, champion: Loaded | None, as_of: datetime
) -> Eligible:
    """The rows of the campaign's flat file, or those of them that the champion was never trained on."""
    wanted = definition.audience
    file = find_flat_file(
        lab.project, str(wanted.table), source=wanted.source, file=definition.file, key="audience.table"
    )
    table = read_flat(file)
    if wanted.id is None:
        ids = np.array([str(i) for i in range(table.num_rows)])
    elif wanted.id in table.column_names:
        ids = id_units(table.column(wanted.id), file, wanted.id)
    else:
        raise LabError(
            f"There is no column '{wanted.id}'.",
            did_you_mean(wanted.id, table.column_names),
            file=file,
            key="audience.id",
        )
    considered, left_out = len(ids), 0
    if wanted.rows == "held_out" and champion is not None:
        units = ids if wanted.id is not None else content_units(table, trained_definition(lab, champion))
        new = ~seen_rows(champion, customer_keys(lab, units), units, wanted.id)
        table, ids, left_out = table.filter(pa.array(new)), ids[new], int((~new).sum())
    suppressed = {"trained_on": left_out} if left_out else {}
    notes = ("A flat file carries no consent and no earlier campaigns: neither was checked.",)
    return Eligible(ids, table, considered, suppressed, notes, as_of)


def default_as_of(lab: Lab, tables: Tables | None) -> datetime:
    """The start of the day after the last transaction, in the project's zone; today without tables."""
    zone = lab.project.tzinfo
    if tables is None:
        now = datetime.now(UTC).astimezone(zone)
        return now.replace(hour=0, minute=0, second=0, microsecond=0)
    last = tables.data_end().astimezone(zone)
    return last.replace(hour=0, minute=0, second=0, microsecond=0) + _ONE_DAY


def global_holdout(lab: Lab) -> GlobalHoldout | None:
    """The customers whom lab.yaml keeps out of every campaign."""
    found = lab.settings.global_holdout
    if found is None:
        return None
    start = lab.project.moment(found.start) if found.start else datetime.min.replace(tzinfo=UTC)
    until = lab.project.moment(found.until) if found.until else None
    return GlobalHoldout(found.share, found.salt, start, until)
