"""What became of messages, as the tools that sent them tell it: rows of `events` and of `redemptions`.

campaign_results: one row a customer with a time per step, for any tool. braze: one event type of Currents or
of its data share, Parquet or CSV; the file's name or folder says which. customerio: reporting webhooks, one
JSON document a line. klaviyo: answers of Get Events with `include=metric,profile`, one JSON document a line
or one in the file. Advertising platforms tell of nobody singly.

The kinds begin with `message_`: what was done to a customer is no visit, and no snapshot counts it as one.
Sources: Braze documentation, "Message engagement events"; Customer.io documentation, "Reporting webhooks";
Klaviyo developer documentation, "Get Events".
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.data.importing import REASON
from retention_lab.data.preset_shape import another_shape, need
from retention_lab.data.read import check_readable, read_flat
from retention_lab.errors import LabError

STEPS: Final = ("sent", "delivered", "opened", "clicked", "bounced", "unsubscribed", "complained")
_OTHER = "it tells of no step of a message"
_BRAZE_FILE = re.compile(r"users[._]messages[._]([a-z]+)[._]([a-z]+)", re.IGNORECASE)
_BRAZE_STEPS: Mapping[str, str] = {
    "send": "sent",
    "delivery": "delivered",
    "open": "opened",
    "click": "clicked",
    "bounce": "bounced",
    "softbounce": "bounced",
    "unsubscribe": "unsubscribed",
    "markasspam": "complained",
    "shortlinkclick": "clicked",
    "rejection": "bounced",
}
_BRAZE_CHANNELS: Mapping[str, str] = {"pushnotification": "push"}
_CUSTOMERIO_STEPS: Mapping[str, str] = {
    **{step: step for step in STEPS[:-1]},
    "spammed": "complained",
}
_KLAVIYO_STEPS: Mapping[str, tuple[str, str]] = {
    "Received Email": ("delivered", "email"),
    "Opened Email": ("opened", "email"),
    "Clicked Email": ("clicked", "email"),
    "Bounced Email": ("bounced", "email"),
    "Marked Email as Spam": ("complained", "email"),
    "Unsubscribed from Email Marketing": ("unsubscribed", "email"),
    "Received SMS": ("delivered", "sms"),
    "Clicked SMS": ("clicked", "sms"),
    "Unsubscribed from SMS Marketing": ("unsubscribed", "sms"),
}


def campaign_events(file: Path) -> pa.Table:
    """One row per customer and step whose time is there."""
    source = read_flat(file, as_text=("customer_id",))
    steps = [step for step in STEPS if f"{step}_at" in source.column_names]
    need(source, ("customer_id", *([] if steps else ["sent_at"])), file)
    channel = _column(source, "channel")
    parts = []
    for step in steps:
        at = source.column(f"{step}_at")
        part = pa.table(
            {"customer_id": source.column("customer_id"), "at": at, "channel": channel}
        ).append_column("kind", pa.array([f"message_{step}"] * len(at), pa.string()))
        parts.append(part.filter(pc.is_valid(at)))
    return pa.concat_tables(parts, promote_options="permissive")


def campaign_redemptions(file: Path) -> pa.Table:
    """One row per customer who redeemed; `offer` is what a send file calls the offer."""
    source = read_flat(file, as_text=("customer_id", "experiment", "offer"))
    need(source, ("customer_id", "experiment", "offer", "redeemed_at"), file)
    names = {"offer": "offer_id"}
    redeemed = source.filter(pc.is_valid(source.column("redeemed_at")))
    return redeemed.rename_columns([names.get(name, name) for name in redeemed.column_names])


def braze_events(file: Path) -> pa.Table:
    """One event type of Currents; times are seconds since 1970."""
    found = _BRAZE_FILE.findall(file.as_posix())
    if not found or found[-1][1].lower() not in _BRAZE_STEPS:
        raise LabError(
            "Neither the file's name nor its folder says which event of a message it holds.",
            "Name it as Braze does, such as users.messages.email.Open or USERS_MESSAGES_EMAIL_OPEN, with one "
            f"of: {', '.join(_BRAZE_STEPS)}.",
            file=file,
        )
    channel, step = (part.lower() for part in found[-1])
    source = read_flat(file, as_text=("external_user_id", "EXTERNAL_USER_ID"))
    source = source.rename_columns([name.lower() for name in source.column_names])
    need(source, ("external_user_id", "time"), file)
    count = source.num_rows
    return pa.table(
        {
            "customer_id": source.column("external_user_id"),
            "at": _from_seconds(source.column("time"), file),
            "kind": pa.array([f"message_{_BRAZE_STEPS[step]}"] * count),
            "channel": pa.array([_BRAZE_CHANNELS.get(channel, channel)] * count),
        }
    )


def customerio_events(file: Path) -> pa.Table:
    """Reporting webhooks. A metric that is no step of a message is refused with the reason."""

    def rows() -> Iterator[dict[str, Any]]:
        for one in _documents(file):
            data = one.get("data") or {}
            if "metric" not in one or "timestamp" not in one:
                raise another_shape(file, "metric" if "metric" not in one else "timestamp", list(one))
            step = _CUSTOMERIO_STEPS.get(str(one["metric"]))
            customer = data.get("customer_id") or (data.get("identifiers") or {}).get("id")
            yield _event(customer, _moment(one["timestamp"]), step, one.get("object_type"))

    return _events(rows())


def klaviyo_events(file: Path) -> pa.Table:
    """Get Events. A profile is known by its external_id, which an export for Klaviyo can carry."""

    def rows() -> Iterator[dict[str, Any]]:
        for page in _documents(file):
            if "data" not in page:
                raise another_shape(file, "data", list(page))
            beside = {(one["type"], one["id"]): one.get("attributes", {}) for one in page.get("included", [])}
            for one in page["data"]:
                metric = beside.get(("metric", _related(one, "metric")), {})
                profile = beside.get(("profile", _related(one, "profile")), {})
                step, channel = _KLAVIYO_STEPS.get(str(metric.get("name")), (None, None))
                yield _event(profile.get("external_id"), one["attributes"]["datetime"], step, channel)

    return _events(rows())


def _event(customer: Any, at: Any, step: str | None, channel: Any) -> dict[str, Any]:
    return {
        "customer_id": None if customer is None else str(customer),
        "at": at,
        "kind": None if step is None else f"message_{step}",
        "channel": channel,
        REASON: None if step else _OTHER,
    }


def _events(rows: Iterable[dict[str, Any]]) -> pa.Table:
    text = pa.string()
    names = ("customer_id", "at", "kind", "channel", REASON)
    return pa.Table.from_pylist(list(rows), schema=pa.schema([(name, text) for name in names]))


def _documents(file: Path) -> Iterator[dict[str, Any]]:
    """The JSON documents of a file: one a line, or one in all."""
    check_readable(file)
    text = file.read_text(encoding="utf-8-sig")
    try:
        whole = json.loads(text)
        documents = whole if isinstance(whole, list) else [whole]
    except ValueError:
        documents = [
            _parsed(line, row, file) for row, line in enumerate(text.splitlines(), 1) if line.strip()
        ]
    for row, one in enumerate(documents, start=1):
        if not isinstance(one, dict):
            raise _no_json(row, file)
        yield one


def _parsed(line: str, row: int, file: Path) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise _no_json(row, file) from error


def _no_json(row: int, file: Path) -> LabError:
    return LabError(
        f"Line {row} is no JSON document.", "Save the tool's answers as they are, one a line.", file=file
    )


def _related(event: Mapping[str, Any], what: str) -> Any:
    return ((event.get("relationships", {}).get(what) or {}).get("data") or {}).get("id")


def _moment(seconds: Any) -> str | None:
    """Seconds since 1970 as ISO; what is none stays, and is refused as no time."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None if seconds is None else str(seconds)
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _from_seconds(column: pa.ChunkedArray, file: Path) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return column
    if not pa.types.is_integer(column.type) and not pa.types.is_floating(column.type):
        raise LabError(
            "The times are no seconds since 1970.",
            "Import without the preset: --map at=time --map customer_id=external_user_id.",
            file=file,
            key="time",
        )
    micros = pc.multiply(column.cast(pa.float64()), 1e6).cast(pa.int64(), safe=False)
    return micros.cast(pa.timestamp("us", "UTC"))


def _column(source: pa.Table, name: str) -> pa.ChunkedArray:
    if name in source.column_names:
        return source.column(name)
    return pa.chunked_array([pa.nulls(source.num_rows, pa.string())])
