"""Hashes as the platforms' documents and Python's own SHA-256 have them, through the files themselves."""

import hashlib

from retention_lab.targeting.exports import google, meta
from retention_lab.targeting.exports.format import Format
from retention_lab.targeting.exports.send import send_files
from tests.targeting.exports.launches import FIELDS, contacts, launched, rows

# "mary", "valéry" and 16505551212 are the examples of Meta's documentation
MARY = "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"
VALERY = "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c"
META_PHONE = "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def by_name(form: Format, column: str, first_name: str) -> dict[str, str]:
    found = rows(send_files(launched(), contacts(*FIELDS), form, {}))
    return next(row for row in found if row[column] == first_name)


def test_google_takes_dots_and_plus_out_of_gmail_alone_and_keeps_the_plus_of_telephones() -> None:
    mary = by_name(google.FORMAT, "First Name", MARY)
    assert mary["Email"] == sha("cloudysanfrancisco@gmail.com")
    assert mary["Phone"] == sha("+493023125000")
    assert mary["Last Name"] == sha("o'neill")
    assert (mary["Country"], mary["Zip"]) == ("DE", "10115")
    valery = by_name(google.FORMAT, "First Name", VALERY)
    assert valery["Email"] == sha("user.name+nyc@example.com")
    assert valery["Phone"] == sha("+18005550100")


def test_meta_keeps_the_dots_and_takes_the_plus_off_telephones() -> None:
    mary = by_name(meta.FORMAT, "fn", MARY)
    assert mary["email"] == sha("cloudy.sanfrancisco+shop@gmail.com")
    assert mary["phone"] == sha("493023125000")
    assert mary["ln"] == sha("oneill")
    assert (mary["country"], mary["zip"]) == (sha("de"), sha("10115"))
    assert by_name(meta.FORMAT, "fn", VALERY)["phone"] == sha("18005550100")


def test_the_telephone_of_metas_documentation_has_its_hash() -> None:
    assert sha(meta.meta_phone("1(650)555-1212", "US")) == META_PHONE


def test_a_customer_without_a_value_has_an_empty_cell_and_never_the_hash_of_nothing() -> None:
    nothing = sha("")
    for form in (google.FORMAT, meta.FORMAT):
        found = send_files(launched(), contacts(*FIELDS), form, {})
        assert all(nothing not in file.data.decode() for file in found.files)
