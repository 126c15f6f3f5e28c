"""Klaviyo: profiles by e-mail address or telephone number, the offer as a custom property.

The first column is Email or Phone Number, telephones are in E.164, and an address comes only once. A file has
at most 50 MB. No column of consent is written: whoever has none there must not gain it by an upload.
Source: Klaviyo Help Center, "How to create and add subscribers to a new list",
https://help.klaviyo.com/hc/en-us/articles/115005078967, and "Troubleshooting list imports",
https://help.klaviyo.com/hc/en-us/articles/115005078807.
"""

from retention_lab.targeting.exports.format import (
    CAMPAIGN_COLUMNS,
    PRODUCT_ATTRIBUTE,
    Column,
    Format,
    address_columns,
    safe_id,
)

FORMAT = Format(
    columns=(
        *address_columns("Email", "Phone Number", "First Name", "Last Name", "Country", "Zip Code"),
        Column("External ID", "external_id", safe_id),
        *CAMPAIGN_COLUMNS,
    ),
    identifiers=(("email",), ("phone",)),
    max_bytes=50_000_000,
    found_by_address=True,
    product_header=PRODUCT_ATTRIBUTE,
)
