import csv
import hashlib
import io

import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.targeting.draw import EXPLORATION, HOLDOUT, POLICY
from retention_lab.targeting.exports.generic import cell, send_file

CUSTOMERS = ["b", "a", "c", "d"]
ARM = np.array([2, 1, 0, 0])
ROLE = np.array([POLICY, EXPLORATION, HOLDOUT, POLICY])
ORIGIN = {"model_version": "winback-uplift/3", "policy": "net_value"}


def test_only_customers_with_an_offer_are_in_the_file() -> None:
    found = send_file("winback-2026-06-01", CUSTOMERS, ARM, ROLE, ["coupon", "points"], ORIGIN)
    assert found.data == b"customer_id,offer\na,coupon\nb,points\n"
    assert found.manifest["rows"] == 2
    assert found.manifest["offers"] == {"coupon": 1, "points": 1}
    assert found.manifest["withheld"] == {"holdout": 1, "none": 1}
    assert found.manifest["sha256"] == hashlib.sha256(found.data).hexdigest()
    assert found.manifest["model_version"] == "winback-uplift/3"


def test_the_channel_stands_beside_the_offer_where_it_is_known() -> None:
    found = send_file("x", CUSTOMERS, ARM, ROLE, ["coupon", "points"], ORIGIN, ["email", None])
    assert found.data == b"customer_id,offer,channel\na,coupon,email\nb,points,\n"


def test_the_same_launch_gives_the_same_bytes_whatever_the_order_of_its_rows() -> None:
    here = send_file("x", CUSTOMERS, ARM, ROLE, ["coupon", "points"], ORIGIN)
    order = [3, 1, 0, 2]
    there = send_file(
        "x", [CUSTOMERS[i] for i in order], ARM[order], ROLE[order], ["coupon", "points"], ORIGIN
    )
    assert here == there


@pytest.mark.parametrize(
    "evil",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", " =1", "\u00a0=1", "a\n=1", 'a";=1', "a;=1"],
)
def test_no_cell_is_a_formula_however_a_spreadsheet_splits_it(evil: str) -> None:
    found = send_file("x", [evil], np.array([1]), np.array([POLICY]), ["coupon"], {})
    text = found.data.decode()
    for separator in ",;\t|":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            for part in row:
                assert not part.strip(" \u00a0").startswith(tuple("=+-@＝＋－＠\t\r")), (separator, row)


def test_what_is_harmless_is_read_back_as_it_was() -> None:
    names = ["Zoë", "a,b", 'say "hi"', "12", "x=1"]
    text = "".join(cell(name) + "\n" for name in names)
    assert [row[0] for row in csv.reader(io.StringIO(text))] == names


def test_a_launch_without_offers_is_a_file_with_a_header() -> None:
    found = send_file("x", ["a"], np.array([0]), np.array([POLICY]), ["coupon"], {})
    assert found.data == b"customer_id,offer\n"
    assert found.manifest["rows"] == 0


def test_a_contacted_holdout_is_refused() -> None:
    with pytest.raises(LabError, match="holdout"):
        send_file("x", ["a"], np.array([1]), np.array([HOLDOUT]), ["coupon"], {})


def test_a_customer_twice_and_an_unnamed_offer_are_refused() -> None:
    with pytest.raises(LabError, match="twice"):
        send_file("x", ["a", "a"], np.array([1, 1]), np.array([POLICY, POLICY]), ["coupon"], {})
    with pytest.raises(LabError, match="arm 2"):
        send_file("x", ["a"], np.array([2]), np.array([POLICY]), ["coupon"], {})
