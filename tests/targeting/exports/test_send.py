import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from retention_lab import catalog
from retention_lab.errors import LabError
from retention_lab.targeting.draw import EXPLORATION, HOLDOUT, POLICY
from retention_lab.targeting.exports import braze, google, klaviyo
from retention_lab.targeting.exports.contacts import mailbox
from retention_lab.targeting.exports.format import KNOWN, Format
from retention_lab.targeting.exports.generic import FORMAT as GENERIC
from retention_lab.targeting.exports.send import Contacts, Launched, Sending, send_files
from tests.targeting.exports.launches import FIELDS, ORIGIN, contacts, launched, rows

NOTHING = Contacts({})
FORMATS = {to: catalog.resolve(dotted) for to, dotted in catalog.EXPORTS.items()}


def small(
    customers: Sequence[str] = ("b", "a", "c", "d"),
    arm: Sequence[int] = (2, 1, 0, 0),
    role: Sequence[str] = (POLICY, EXPLORATION, HOLDOUT, POLICY),
    channels: Sequence[str | None] | None = None,
) -> Launched:
    may = np.ones(len(customers), dtype=np.bool_)
    offers = ["coupon", "points"]
    return Launched("x", customers, np.array(arm, dtype=np.int64), np.array(role), may, offers, channels)


def only(found: Sending) -> bytes:
    (file,) = found.files
    return file.data


def test_only_customers_with_an_offer_are_in_the_file() -> None:
    found = send_files(small(), NOTHING, GENERIC, ORIGIN)
    assert only(found) == b"customer_id,offer\na,coupon\nb,points\n"
    manifest = found.manifest
    assert (manifest["rows"], manifest["offers"]) == (2, {"coupon": 1, "points": 1})
    assert {reason: n for reason, n in manifest["withheld"].items() if n} == {"holdout": 1, "none": 1}
    sha256 = hashlib.sha256(only(found)).hexdigest()
    assert manifest["files"] == [{"file": "x.csv", "rows": 2, "sha256": sha256}]
    assert manifest["model_version"] == "winback-uplift/3"


def test_the_channel_stands_beside_the_offer_where_it_is_known() -> None:
    found = send_files(small(channels=["email", None]), NOTHING, GENERIC, {})
    assert only(found) == b"customer_id,offer,channel\na,coupon,email\nb,points,\n"


@pytest.mark.parametrize("to", list(FORMATS))
def test_products_stand_last_where_the_tool_has_a_place_for_them(to: str) -> None:
    form = FORMATS[to]
    fields = contacts(*(one for one in FIELDS if one in form.fields))
    here = launched()
    count = len(here.customers)
    found = send_files(replace(here, products=[["p1", None]] * count), fields, form, {})
    plain = send_files(here, fields, form, {})
    header = form.product_header
    added = [] if header is None else [header.format(1), header.format(2)]
    assert found.manifest["columns"] == [*plain.manifest["columns"], *added]
    for one in found.files:
        for row in csv.DictReader(io.StringIO(one.data.decode("utf-8-sig"))):
            assert [row[name] for name in added] == ["p1", ""][: len(added)]


def test_a_products_id_that_a_spreadsheet_would_run_is_defused() -> None:
    found = only(send_files(replace(small(), products=[["=1+1"]] * 4), NOTHING, GENERIC, {}))
    assert b"\n=1" not in found
    assert b",=1" not in found
    assert b"1+1" in found


@pytest.mark.parametrize("to", list(FORMATS))
def test_the_same_launch_gives_the_same_bytes_whatever_the_order_of_its_rows(to: str) -> None:
    here, form = launched(), FORMATS[to]
    fields = contacts(*(one for one in FIELDS if one in form.fields)).fields
    order = list(np.random.default_rng(0).permutation(len(here.customers)))
    there = replace(
        here,
        customers=[here.customers[i] for i in order],
        arm=here.arm[order],
        role=here.role[order],
        may=here.may[order],
    )
    turned = {field: [values[i] for i in order] for field, values in fields.items()}
    first = send_files(here, Contacts(fields, "DE"), form, ORIGIN)
    assert send_files(there, Contacts(turned, "DE"), form, ORIGIN) == first


def test_a_launch_without_offers_is_a_file_with_a_header_and_no_list_at_all() -> None:
    nobody = small(("a",), (0,), (POLICY,))
    assert only(send_files(nobody, NOTHING, GENERIC, {})) == b"customer_id,offer\n"
    found = send_files(nobody, Contacts({"email": ["a@b.org"]}), google.FORMAT, {})
    assert (found.files, found.manifest["rows"]) == ((), 0)


def test_a_contacted_holdout_is_refused() -> None:
    with pytest.raises(LabError, match="holdout"):
        send_files(small(("a",), (1,), (HOLDOUT,)), NOTHING, GENERIC, {})


def test_a_customer_twice_and_an_unnamed_offer_are_refused() -> None:
    with pytest.raises(LabError, match="twice"):
        send_files(small(("a", "a"), (1, 1), (POLICY, POLICY)), NOTHING, GENERIC, {})
    with pytest.raises(LabError, match="arm 3"):
        send_files(small(("a",), (3,), (POLICY,)), NOTHING, GENERIC, {})


def test_an_advertising_list_holds_one_offer_and_the_manifest_says_which() -> None:
    found = send_files(launched(), contacts("email"), google.FORMAT, ORIGIN)
    assert [(file.name, file.offer) for file in found.files] == [
        ("winback-2026-06-01.coupon_10.csv", "coupon_10"),
        ("winback-2026-06-01.points-200.csv", "Points, 200"),
    ]
    assert [one["offer"] for one in found.manifest["files"]] == ["coupon_10", "Points, 200"]


def test_offers_that_differ_in_punctuation_alone_have_files_of_their_own() -> None:
    pair = replace(small(role=(POLICY,) * 4), offers=["10 %", "10 €"])
    found = send_files(pair, Contacts({"email": [f"{i}@b.org" for i in range(4)]}), google.FORMAT, {})
    assert len({file.name for file in found.files}) == 2


def test_a_file_above_the_platforms_limit_is_split_and_nobody_is_lost() -> None:
    many = small([f"c{i:04d}" for i in range(900)], [1 + i % 2 for i in range(900)], [POLICY] * 900)
    found = send_files(many, NOTHING, replace(braze.FORMAT, max_bytes=4_000), {})
    assert len(found.files) > 3
    assert max(len(file.data) for file in found.files) <= 4_000
    assert sorted(row["external_id"] for row in rows(found)) == sorted(many.customers)
    assert sum(one["rows"] for one in found.manifest["files"]) == 900


def test_an_address_that_also_belongs_to_the_holdout_gets_nothing() -> None:
    pair = small(("a", "b"), (1, 0), (POLICY, HOLDOUT))
    for form in FORMATS.values():
        found = send_files(pair, Contacts({"email": ["An.Na@gmail.com", "anna+x@gmail.com"]}), form, {})
        assert (found.manifest["rows"], found.withheld["shared_address"]) == (0, 1)


def test_where_people_are_known_by_address_two_customers_of_one_address_are_sent_one_offer() -> None:
    pair = small(("b", "a"), (1, 2), (POLICY, POLICY))
    shared = Contacts({"email": ["a@b.org", "A@b.org"]})
    found = send_files(pair, shared, klaviyo.FORMAT, {})
    assert [row["lab_offer"] for row in rows(found)] == ["points"]  # a's, the first by id
    assert found.withheld["shared_address"] == 1
    assert send_files(pair, shared, braze.FORMAT, {}).manifest["rows"] == 2


def test_the_country_of_all_is_not_written_over_what_a_tool_knows_of_its_users() -> None:
    assert "country" not in send_files(launched(), contacts("email"), braze.FORMAT, {}).manifest["columns"]


@pytest.mark.parametrize("to", list(FORMATS))
def test_every_identifier_is_a_field_that_the_file_carries(to: str) -> None:
    form: Format = FORMATS[to]
    for group in form.identifiers:
        assert set(group) <= {*KNOWN, *form.fields}
    assert len({column.header for column in form.columns}) == len(form.columns)


EVIL = ("=1+1", "+1", "-2", "@x", "a,b", 'q"q', "＝1", " x", "a;=1")


def test_in_a_thousand_random_launches_nobody_is_sent_who_must_not_be() -> None:
    sent = 0
    for seed in range(1_000):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(1, 15))
        ids = [f"c{i}" if rng.random() < 0.9 else f"{rng.choice(EVIL)}{i}" for i in range(n)]
        arm = rng.integers(0, 3, n)
        role = np.where(arm > 0, rng.choice([POLICY, EXPLORATION], n), rng.choice([POLICY, HOLDOUT], n))
        may = rng.random(n) < 0.7
        # few mailboxes, so that many are shared
        mails = [
            None if rng.random() < 0.2 else f"{rng.choice(['A', 'b', 'c.c', 'cc+1', '=d'])}@gmail.com"
            for _ in range(n)
        ]
        to = str(rng.choice(list(FORMATS)))
        named = {"email": mails} if rng.random() < 0.8 or to in ("klaviyo", "google", "meta") else {}
        one = Launched("x", ids, arm, role, may, ["=offer", "b"], None)
        found = send_files(one, Contacts(named), FORMATS[to], {})
        allowed = {i for i in range(n) if arm[i] > 0 and role[i] != HOLDOUT and may[i]}
        forbidden_ids = {ids[i] for i in range(n) if i not in allowed}
        forbidden_mail = {mailbox(mails[i] or "") for i in range(n) if i not in allowed} - {""}
        for row in rows(found):
            sent += 1
            who = row.get("external_id") or row.get("customer_id") or row.get("id")
            assert who is None or who.removeprefix("'") not in forbidden_ids, (seed, to)
            if named:
                _not_among(row, forbidden_mail, (seed, to))
        assert sum(found.withheld.values()) + found.manifest["rows"] == n
        for file in found.files:
            _harmless(file.data.decode())
    assert sent > 1_000


def _not_among(row: dict[str, str], forbidden: set[str], case: tuple[int, str]) -> None:
    written = row.get("email") or row.get("Email") or ""
    hashes = {hashlib.sha256(one.encode()).hexdigest() for one in forbidden}
    if case[1] == "meta":  # keeps dots and plus signs: any way of writing a forbidden mailbox
        ways = ["a@gmail.com", "b@gmail.com", "c.c@gmail.com", "cc+1@gmail.com"]
        hashes = {hashlib.sha256(way.encode()).hexdigest() for way in ways if mailbox(way) in forbidden}
    assert written not in hashes, case
    assert not written or mailbox(written) not in forbidden, case


def _harmless(text: str) -> None:
    for row in csv.reader(io.StringIO(text, newline="")):
        for part in row:
            assert not part.lstrip(" \u00a0").startswith(tuple("=+-@＝＋－＠\t\r"))
