import pytest

from retention_lab.targeting.exports.contacts import email, mailbox, phone


@pytest.mark.parametrize(
    "text",
    ["", "anna", "anna@", "@example.org", "a b@example.org", "a@b", "a@b..c", "a@b.org,c@d.org", "<a@b.org>",
     "-a@b.org", "=a@b.org", "a@b.org\nc"],
)  # fmt: skip
def test_what_is_no_address_is_none(text: str) -> None:
    assert email(text) == ""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a.nna@gmail.com", "anna+shop@GoogleMail.com", False),  # the domain is left as it is
        ("a.nna@gmail.com", "Anna+shop@gmail.com", True),
        ("a.nna@example.org", "anna@example.org", False),
        ("anna+1@example.org", "anna+2@example.org", False),
    ],
)
def test_two_ways_of_writing_one_mailbox_are_the_same(one: str, other: str, same: bool) -> None:
    assert (mailbox(one) == mailbox(other)) is same


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("0151 23456789", "DE", "+4915123456789"),
        ("+49 (0)151 23456789", None, "+4915123456789"),
        ("0049 151 23456789", "DE", "+4915123456789"),
        ("06 12345678", "IT", "+390612345678"),  # Italy keeps the zero
        ("020 7946 0018", "GB", "+442079460018"),
        ("0151 23456789", None, ""),  # nobody says in which country
        ("123", "DE", ""),
        ("=cmd|'/c calc'!A1", "DE", ""),
        ("", "DE", ""),
    ],
)
def test_a_telephone_number_is_international_or_none(text: str, country: str | None, expected: str) -> None:
    assert phone(text, country) == expected
