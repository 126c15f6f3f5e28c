"""Meta custom audience: one hashed customer list per offer.

Every column is put in one form and hashed with SHA-256, the country too. E-mail addresses are in lower case
and keep their dots. Telephones are digits alone: the country's code, no plus sign, symbol or leading zero.
Names are in lower case without punctuation, accents kept in UTF-8. Postal codes are in lower case without
spaces and dashes: five digits in the United States, area, district and sector in the United Kingdom. The API
takes 10,000 rows in one request.
Source: Meta for Developers, "Customer File Custom Audiences",
https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences; Meta Business Help
Centre, "How to format a customer list", https://www.facebook.com/business/help/2082575038703844.
"""

import unicodedata
from typing import Final

from retention_lab.targeting.exports.contacts import country_code, email, hashed, name, phone
from retention_lab.targeting.exports.format import Column, Format

_PUNCTUATION: Final = ("P", "S")  # first letters of Unicode's categories


def meta_phone(text: str, country: str | None) -> str:
    """Digits behind the country's code.

    >>> meta_phone("+1 (650) 555-1212", None)
    '16505551212'
    """
    return phone(text, country).removeprefix("+")


def meta_name(text: str) -> str:
    """A name in lower case without punctuation.

    >>> meta_name(" Valéry "), meta_name("O'Neill-Smith Jr.")
    ('valéry', 'oneillsmith jr')
    """
    kept = [letter for letter in text.lower() if unicodedata.category(letter)[0] not in _PUNCTUATION]
    return name("".join(kept))


def meta_postcode(text: str, country: str | None) -> str:
    """A postal code as Meta keeps it.

    >>> meta_postcode("94016-1234", "US"), meta_postcode("SW1A 1AA", "GB"), meta_postcode("1012 AB", "NL")
    ('94016', 'sw1a1', '1012ab')
    """
    found = "".join(text.lower().replace("-", "").split())
    if country == "US":
        return found[:5]
    return found[:-2] if country == "GB" else found


FORMAT = Format(
    columns=(
        Column("email", "email", lambda text, _: hashed(email(text)), is_plain=True),
        Column("phone", "phone", lambda text, country: hashed(meta_phone(text, country)), is_plain=True),
        Column("fn", "first_name", lambda text, _: hashed(meta_name(text)), is_plain=True),
        Column("ln", "last_name", lambda text, _: hashed(meta_name(text)), is_plain=True),
        Column("country", "country", lambda text, _: hashed(country_code(text).lower()), is_plain=True),
        Column("zip", "postcode", lambda text, country: hashed(meta_postcode(text, country)), is_plain=True),
    ),
    identifiers=(("email",), ("phone",), ("first_name", "last_name", "country", "postcode")),
    batch_rows=10_000,
    one_list_per_offer=True,
    found_by_address=True,
)
