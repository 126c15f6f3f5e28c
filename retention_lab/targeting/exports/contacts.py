"""Names and addresses as platforms match them: written in one way, and hashed where they ask for it.

A value that cannot be used gives the empty text, never a guess: a wrong address reaches somebody else.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from retention_lab.targeting.exports.cells import is_formula

# What a platform may ask about a customer, with its meaning; the definition says which column holds it.
FIELDS: Mapping[str, str] = {
    "external_id": "the platform's id of the customer, where it is not customer_id",
    "email": "e-mail address",
    "phone": "telephone number, international or as dialled in `country`",
    "first_name": "first name",
    "last_name": "last name",
    "country": "country of two letters (ISO 3166-1), where `country` is not the same for all",
    "postcode": "postal code",
}

_EMAIL = re.compile(r"[^\s@,;:<>()\[\]\\\"]+@[^\s@,;:<>()\[\]\\\".]+(\.[^\s@,;:<>()\[\]\\\".]+)+")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_GMAIL: Final = ("gmail.com", "googlemail.com")


def email(text: str) -> str:
    """An address in lower case without spaces around it.

    >>> email(" Anna.Smith@Example.org "), email("anna at example.org"), email("=1+1@example.org")
    ('anna.smith@example.org', '', '')
    """
    found = text.strip().lower()
    return found if _EMAIL.fullmatch(found) and not is_formula(found) else ""


def mailbox(text: str) -> str:
    """The address whose mailbox it is: Gmail ignores dots, and what follows a plus sign.

    >>> mailbox("Cloudy.SanFrancisco+shopping@gmail.com"), mailbox("user.name+NYC@Example.com")
    ('cloudysanfrancisco@gmail.com', 'user.name+nyc@example.com')
    """
    found = email("".join(text.split()))
    name, _, domain = found.rpartition("@")
    return f"{name.partition('+')[0].replace('.', '')}@{domain}" if domain in _GMAIL else found


@lru_cache(maxsize=64)  # a row asks twice: for its cell, and for whose number it is besides
def phone(text: str, country: str | None = None) -> str:
    """A number in E.164: a plus sign, the country's code, digits.

    country: of two letters, in which a number without its own code is dialled; None leaves those out.
    Source: ITU-T E.164; numbering plans as libphonenumber has them.

    >>> phone("(800) 555-0100", "US"), phone("+1 800 555 0100"), phone("0151 23456789"), phone("12", "DE")
    ('+18005550100', '+18005550100', '', '')
    """
    import phonenumbers  # its numbering plans are read when a number is first asked for

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def name(text: str) -> str:
    """A name without spaces around it or doubled inside, composed accents.

    >>> name("  Zoe\u0308  Ann ")
    'Zoë Ann'
    """
    return unicodedata.normalize("NFC", " ".join(text.split()))


def country_code(text: str) -> str:
    """A country of two letters, in capitals.

    >>> country_code(" de "), country_code("Germany")
    ('DE', '')
    """
    found = text.strip()
    return found.upper() if _COUNTRY.fullmatch(found) else ""


def hashed(text: str) -> str:
    """SHA-256 in lower-case hexadecimal; nothing stays nothing.

    >>> hashed("mary")[:16], hashed("")
    ('6915771be1c5aa0c', '')
    """
    return hashlib.sha256(text.encode()).hexdigest() if text else ""
