"""Whom a launch may reach now, and where: consent, suppression and addresses as they are at the export."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from retention_lab.arrays import Bools, Ints
from retention_lab.config.campaign import CampaignDefinition
from retention_lab.config.flat_file import find_flat_file
from retention_lab.data.connect import Tables
from retention_lab.data.contacts import contact_columns, contact_text
from retention_lab.data.eligibility import audience, suppressed_addresses
from retention_lab.data.read import read_flat
from retention_lab.errors import LabError, did_you_mean
from retention_lab.targeting.exports.send import Contacts
from retention_lab.workflows.campaign_audience import global_holdout
from retention_lab.workflows.project import Lab
from retention_lab.workflows.row_units import id_units


@dataclass(frozen=True, slots=True)
class Reach:
    """Of a launch's n customers. may: (n,) who consents to the channel of what was drawn, is not suppressed
    and in no global holdout. notes: what was not checked because the project does not track it."""

    may: Bools
    contacts: Contacts
    channels: tuple[str | None, ...] | None
    notes: tuple[str, ...]


def reach(
    lab: Lab,
    definition: CampaignDefinition,
    tables: Tables | None,
    drawn: tuple[np.ndarray, Ints, Sequence[str]],
    as_of: datetime,
) -> Reach:
    """What holds at `as_of` (aware) for drawn: (n,) ids, (n,) arms with 0 = none, K offers.

    tables: None for a flat audience, which carries neither consent nor suppressions.
    """
    ids, arm, offers = drawn
    if tables is None:
        contacts = Contacts(_flat_fields(lab, definition, ids), definition.export.country)
        return Reach(np.ones(len(ids), dtype=np.bool_), contacts, None, ())
    channels = _channels(definition, tables, offers)
    may, notes = np.ones(len(ids), dtype=np.bool_), dict[str, None]()
    everywhere: set[str] | None = None
    for channel in dict.fromkeys(channels):
        found = audience(
            tables,
            as_of,
            channel=channel,
            min_days_between_assignments=0,
            global_holdout=global_holdout(lab),
        )
        allowed = set(found.rows["customer_id"].to_pylist())
        by_channel = np.array([False, *(one == channel for one in channels)])[arm]
        may &= ~by_channel | np.isin(ids, list(allowed))
        everywhere = allowed if everywhere is None else everywhere & allowed
        notes |= dict.fromkeys(found.notes)
    contacts = _contacts(definition, tables, ids, everywhere or set(), as_of)
    return Reach(may, contacts, channels if any(channels) else None, tuple(notes))


def _contacts(
    definition: CampaignDefinition, tables: Tables, ids: np.ndarray, allowed: set[str], as_of: datetime
) -> Contacts:
    """Fields of the launch's customers; barred are the addresses of everybody else who may get nothing."""
    columns, country = definition.export.columns, definition.export.country
    if not columns:
        return Contacts({}, country)
    table = contact_columns(tables, columns)
    place = {customer: i for i, customer in enumerate(table["customer_id"].to_pylist())}
    values = {field: table[field].to_pylist() for field in columns}
    everybody = Contacts(values, country)
    launched = set(ids.tolist())
    barred = {Contacts.written("email", one, None) for one in suppressed_addresses(tables, as_of)} - {""}
    for customer, row in place.items():
        if customer not in allowed and customer not in launched:
            barred |= everybody.addresses(row)
    rows = [place.get(customer) for customer in ids.tolist()]
    fields = {field: [None if row is None else found[row] for row in rows] for field, found in values.items()}
    return Contacts(fields, country, frozenset(barred))


def _channels(
    definition: CampaignDefinition, tables: Tables, offers: Sequence[str]
) -> tuple[str | None, ...]:
    """How each offer goes out: the audience's channel, else the offer's own."""
    if definition.audience.channel:
        return (definition.audience.channel,) * len(offers)
    inline = definition.inline_offers
    if inline is not None:
        return tuple(inline[name].channel if name in inline else None for name in offers)
    if not tables.has("offers") or "channel" not in tables.columns("offers"):
        return (None,) * len(offers)
    rows = tables.query("SELECT offer_id, channel FROM offers").to_pylist()
    known = {row["offer_id"]: row["channel"] for row in rows}
    return tuple(known.get(name) for name in offers)


def _flat_fields(lab: Lab, definition: CampaignDefinition, ids: np.ndarray) -> dict[str, list[str | None]]:
    """Fields of the rows of the campaign's own file."""
    wanted, columns = definition.audience, definition.export.columns
    if not columns:
        return {}
    file = find_flat_file(
        lab.project, str(wanted.table), source=wanted.source, file=definition.file, key="audience.table"
    )
    table = read_flat(file)
    for field, name in columns.items():
        if name not in table.column_names:
            raise LabError(
                f"There is no column '{name}', which is to hold the {field}.",
                did_you_mean(name, table.column_names),
                file=file,
                key=f"export.columns.{field}",
            )
    units = (
        np.array([str(i) for i in range(table.num_rows)])
        if wanted.id is None
        else id_units(table.column(wanted.id), file, wanted.id)
    )
    place = {unit: i for i, unit in enumerate(units.tolist())}
    rows = [place.get(unit) for unit in ids.tolist()]
    found = {
        field: contact_text(field, table.column(name), str(file)).to_pylist()
        for field, name in columns.items()
    }
    return {field: [None if row is None else values[row] for row in rows] for field, values in found.items()}
