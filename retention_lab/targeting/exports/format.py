"""What a platform's file looks like: its columns, what it knows people by, and how large it may be."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from retention_lab.targeting.exports.cells import is_formula
from retention_lab.targeting.exports.contacts import country_code, email, name, phone

# What every row knows, whatever the definition names; `id` is external_id where that is named, else
# customer_id.
KNOWN: Final = ("customer_id", "id", "experiment", "offer", "channel")
PRODUCT: Final = "product."  # before the place of a product among those of a coupon


@dataclass(frozen=True, slots=True)
class Column:
    """One column. header: exactly as the platform spells it. source: one of `KNOWN` or of `contacts.FIELDS`.

    encode: (value, the customer's country or None) -> the cell's text, empty where it cannot be used.
    is_plain: the encoded alphabet is digits and letters behind at most a plus sign, so that no spreadsheet
    can run it; every other cell is defused.
    """

    header: str
    source: str
    encode: Callable[[str, str | None], str]
    is_plain: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """A platform's file.

    columns: those of `KNOWN` always, of a customer's fields where the definition says where they are.
    identifiers: groups of sources; a customer is found by any group of which all are there. max_bytes: of
    one file. batch_rows: what the platform's API takes in one request, for whoever uploads by it.
    one_list_per_offer: the file has no column for an offer, so that each offer is a list of its own.
    found_by_address: people are known by address alone, so that an address comes only once. product_header:
    with {} for 1, 2, … of the products in a coupon; None: the file has no place for them.
    """

    columns: tuple[Column, ...]
    identifiers: tuple[tuple[str, ...], ...]
    max_bytes: int | None = None
    batch_rows: int | None = None
    one_list_per_offer: bool = False
    found_by_address: bool = False
    product_header: str | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """The customer's own fields that the file can carry, in order, each once."""
        sources = ["external_id" if one.source == "id" else one.source for one in self.columns]
        return tuple(dict.fromkeys(source for source in sources if source not in KNOWN))

    def used(self, fields: Collection[str]) -> tuple[Column, ...]:
        """The columns of a file where these fields of the customer are known."""
        return tuple(one for one in self.columns if one.source in KNOWN or one.source in fields)

    def products(self, count: int) -> tuple[Column, ...]:
        """The columns of so many products; their source is their place from 0."""
        header = self.product_header
        return (
            ()
            if header is None
            else tuple(
                Column(header.format(place + 1), f"{PRODUCT}{place}", as_it_is) for place in range(count)
            )
        )

    def finds_anybody_by(self, sources: Collection[str]) -> bool:
        """Whether these sources are enough for the platform to know a customer."""
        return any(set(group) <= set(sources) for group in self.identifiers)


def as_it_is(text: str, country: str | None) -> str:
    """The value itself."""
    del country
    return text


def safe_id(text: str, country: str | None) -> str:
    """An id as the platform has it; none where a spreadsheet would run it: a defused id names nobody."""
    del country
    return "" if is_formula(text) else text


def address_columns(
    email_header: str, phone_header: str, first: str, last: str, country: str, postcode: str | None = None
) -> tuple[Column, ...]:
    """A customer's readable fields under a platform's names: E.164 telephones, two-letter countries."""
    found = (
        Column(email_header, "email", lambda text, _: email(text)),
        Column(phone_header, "phone", phone, is_plain=True),
        Column(first, "first_name", lambda text, _: name(text)),
        Column(last, "last_name", lambda text, _: name(text)),
        Column(country, "country", lambda text, _: country_code(text), is_plain=True),
    )
    if postcode is None:
        return found
    return (*found, Column(postcode, "postcode", lambda text, _: name(text)))


# Where a tool keeps what it does not know as an attribute of the customer; they name the lab, so that they
# meet no attribute that is there.
PRODUCT_ATTRIBUTE: Final = "lab_product_{}"
CAMPAIGN_COLUMNS: Final = (
    Column("lab_experiment", "experiment", as_it_is),
    Column("lab_offer", "offer", as_it_is),
)
