"""Who of a launch goes into the files of a platform, who does not and why, and the manifest that says so.

Never in a file: who drew no offer, the holdout, whoever may not be contacted now, and any address that one of
these shares. Same launch, same contacts, same bytes.
"""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_lab.arrays import Bools, Ints
from retention_lab.errors import LabError
from retention_lab.targeting.draw import HOLDOUT
from retention_lab.targeting.exports.cells import cell, files_of, quoted
from retention_lab.targeting.exports.contacts import country_code, mailbox, phone
from retention_lab.targeting.exports.format import PRODUCT, Column, Format


@dataclass(frozen=True, slots=True)
class Launched:
    """A launch of n customers. arm, role: (n,), 0 = none. offers: K names, channels: of each, where known.

    may: (n,) who may be contacted now. products: (n, P) ids of what each coupon shows, None for none.
    """

    experiment: str
    customers: Sequence[str]
    arm: Ints
    role: np.ndarray
    may: Bools
    offers: Sequence[str]
    channels: Sequence[str | None] | None = None
    products: Sequence[Sequence[str | None]] = ()


@dataclass(frozen=True, slots=True)
class Contacts:
    """What is known of customers beyond their id.

    fields: name of `contacts.FIELDS` -> (n,) values in the launch's order, None where there is none.
    country: of all who have none of their own. barred: addresses in the form of `written` that must get
    nothing, whosever they are besides.
    """

    fields: Mapping[str, Sequence[str | None]]
    country: str | None = None
    barred: Collection[str] = ()

    def country_of(self, row: int) -> str | None:
        """The country of one customer."""
        own = self.fields["country"][row] if "country" in self.fields else None
        return country_code(own or "") or self.country

    def addresses(self, row: int) -> set[str]:
        """Where one customer is reached, each in the form in which the same place is the same text."""
        return {
            written
            for field in ("email", "phone")
            if field in self.fields
            if (written := self.written(field, self.fields[field][row] or "", self.country_of(row)))
        }

    @staticmethod
    def written(field: str, text: str, country: str | None) -> str:
        """An address in the form that all ways of writing it share; empty where it is none."""
        return mailbox(text) if field == "email" else phone(text, country)


@dataclass(frozen=True, slots=True)
class SendFile:
    """One file. offer: the only one in it, None where rows say theirs."""

    name: str
    data: bytes
    rows: int
    offer: str | None = None

    @property
    def sha256(self) -> str:
        """Of the file's bytes."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Sending:
    """The files of an export and their manifest. withheld: reason -> customers of the launch."""

    files: tuple[SendFile, ...]
    manifest: dict[str, Any]
    withheld: dict[str, int]


def send_files(launched: Launched, contacts: Contacts, form: Format, origin: Mapping[str, Any]) -> Sending:
    """The files for a platform, rows sorted by customer.

    origin: what the manifest says beside, such as model_version and policy.

    Raises LabError where a customer of the holdout has an offer, or comes twice.
    """
    _check(launched)
    columns = _columns(launched, contacts, form)
    cells, withheld = _recipients(launched, contacts, form, columns)
    header = [column.header for column in columns]
    files = tuple(
        SendFile(name, data, rows, offer)
        for offer, chosen in _lists(launched, form, list(cells))
        for name, data, rows in _files(launched, form, header, offer, [cells[row] for row in chosen])
    )
    manifest = {
        "experiment": launched.experiment,
        "files": [_described(file) for file in files],
        "columns": header,
        "rows": len(cells),
        "offers": _counts(launched, list(cells)),
        "withheld": withheld,
        **({} if form.batch_rows is None else {"rows_per_api_request": form.batch_rows}),
        **origin,
    }
    return Sending(files, manifest, withheld)


def _columns(launched: Launched, contacts: Contacts, form: Format) -> tuple[Column, ...]:
    known = set(contacts.fields)
    # told to those who match by it alone: elsewhere it would overwrite what the tool knows of a customer
    if contacts.country and any("country" in group for group in form.identifiers):
        known.add("country")
    products = form.products(len(launched.products[0]) if len(launched.products) else 0)
    used = (*form.used(known), *products)
    return tuple(one for one in used if one.source != "channel" or launched.channels is not None)


def _recipients(
    launched: Launched, contacts: Contacts, form: Format, columns: Sequence[Column]
) -> tuple[dict[int, str], dict[str, int]]:
    """Row of the launch -> its line in the file, in order, and how many are withheld for which reason."""
    offered: Bools = np.asarray(launched.arm > 0)
    withheld = {
        "holdout": int((launched.role == HOLDOUT).sum()),
        "none": int((~offered & (launched.role != HOLDOUT)).sum()),
        "consent_or_suppression": int((offered & ~launched.may).sum()),
        "no_usable_identifier": 0,
        "shared_address": 0,
    }
    sent: Bools = offered & launched.may
    barred = set(contacts.barred)
    for row in np.flatnonzero(~sent).tolist():
        barred |= contacts.addresses(row)
    lines = {}
    for row in sorted(np.flatnonzero(sent).tolist(), key=lambda row: launched.customers[row]):
        cells = {one: one.encode(*_value(launched, contacts, one, row)) for one in columns}
        addresses = contacts.addresses(row)
        if not form.finds_anybody_by({one.source for one, text in cells.items() if text}):
            withheld["no_usable_identifier"] += 1
        elif addresses & barred:
            withheld["shared_address"] += 1
        else:
            lines[row] = ",".join(quoted(text) if one.is_plain else cell(text) for one, text in cells.items())
            if form.found_by_address:
                barred |= addresses
    return lines, withheld


def _value(launched: Launched, contacts: Contacts, column: Column, row: int) -> tuple[str, str | None]:
    """What a column is made from: the value, and the country of the customer."""
    fields, source, country = contacts.fields, column.source, contacts.country_of(row)
    customer, offer = str(launched.customers[row]), int(launched.arm[row]) - 1
    if source == "id":
        found = fields["external_id"][row] if "external_id" in fields else customer
    elif source == "country":
        found = country
    elif source.startswith(PRODUCT):
        found = launched.products[row][int(source.removeprefix(PRODUCT))]
    elif source == "channel":
        found = (launched.channels or ())[offer]
    elif source in fields:
        found = fields[source][row]
    else:
        found = {
            "customer_id": customer,
            "experiment": launched.experiment,
            "offer": launched.offers[offer],
        }[source]
    return found or "", country


def _lists(launched: Launched, form: Format, rows: Sequence[int]) -> list[tuple[str | None, list[int]]]:
    """The rows of every list, with its offer where it has only one; offers that nobody drew have none."""
    if not form.one_list_per_offer:
        return [(None, list(rows))]
    return [
        (name, chosen)
        for k, name in enumerate(launched.offers, start=1)
        if (chosen := [row for row in rows if launched.arm[row] == k])
    ]


def _files(
    launched: Launched, form: Format, header: Sequence[str], offer: str | None, lines: Sequence[str]
) -> list[tuple[str, bytes, int]]:
    """(name, content, rows) of the files of one list."""
    found = files_of(header, lines, form.max_bytes)
    stem = launched.experiment + ("" if offer is None else f".{_file_name(launched.offers, offer)}")
    if len(found) == 1:
        return [(f"{stem}.csv", *found[0])]
    return [(f"{stem}.part-{part}.csv", *one) for part, one in enumerate(found, start=1)]


def _file_name(offers: Sequence[str], offer: str) -> str:
    """An offer as part of a file's name: no two offers share one."""
    plain = [re.sub(r"[^A-Za-z0-9_-]+", "-", one).lower() for one in offers]
    at = list(offers).index(offer)
    return plain[at] if plain.count(plain[at]) == 1 else f"{plain[at]}-{at + 1}"


def _described(file: SendFile) -> dict[str, Any]:
    found = {"file": file.name, "rows": file.rows, "sha256": file.sha256}
    return found if file.offer is None else {**found, "offer": file.offer}


def _counts(launched: Launched, rows: Sequence[int]) -> dict[str, int]:
    counts = np.bincount(launched.arm[list(rows)], minlength=len(launched.offers) + 1)
    return dict(zip(launched.offers, counts[1:].tolist(), strict=True))


def _check(launched: Launched) -> None:
    arm, offers = launched.arm, len(launched.offers)
    if len(set(launched.customers)) != len(launched.customers):
        raise LabError("A customer comes twice in the launch.", "Export one launch at a time.")
    if len(arm) and (arm.min() < 0 or arm.max() > offers):
        raise LabError(
            f"A customer has the arm {int(arm.max())}, and there are {offers} offers.",
            "Name every offer of the launch, in the order of its arms.",
        )
    held = int(((arm > 0) & (launched.role == HOLDOUT)).sum())
    if held:
        raise LabError(
            f"{held} customers of the holdout have an offer, so the assignments were changed after the draw.",
            "Restore the launch's assignments; a holdout that is contacted cannot be measured.",
        )
