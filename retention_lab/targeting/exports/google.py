"""Google Ads Customer Match: one hashed list of customers per offer.

Headers in English and exactly so. Addresses, telephones and names are put in one form and hashed with
SHA-256; country and postal code never are. For gmail.com and googlemail.com the dots before the @ and what
follows a plus sign are taken out; elsewhere both belong to the address. Telephones keep their plus sign.
Names are in lower case.
Source: Google Ads Help, "Format your customer data file",
https://support.google.com/google-ads/answer/7659867; Google Data Manager API, "Format user data",
https://developers.google.com/data-manager/api/devguides/concepts/formatting.
"""

from retention_lab.targeting.exports.contacts import country_code, hashed, mailbox, name, phone
from retention_lab.targeting.exports.format import Column, Format


def _name(text: str, country: str | None) -> str:
    del country
    return hashed(name(text).lower())


FORMAT = Format(
    columns=(
        Column("Email", "email", lambda text, _: hashed(mailbox(text)), is_plain=True),
        Column("Phone", "phone", lambda text, country: hashed(phone(text, country)), is_plain=True),
        Column("First Name", "first_name", _name, is_plain=True),
        Column("Last Name", "last_name", _name, is_plain=True),
        Column("Country", "country", lambda text, _: country_code(text), is_plain=True),
        Column("Zip", "postcode", lambda text, _: name(text)),
    ),
    identifiers=(("email",), ("phone",), ("first_name", "last_name", "country", "postcode")),
    one_list_per_offer=True,
    found_by_address=True,
)
