"""Braze: users by external_id, the offer as a custom attribute.

Header names are read in their exact lower case; any other header becomes a custom attribute of that name. A
file has at most 500 MB. A blank cell leaves what Braze knows; the country is ISO 3166-1 alpha-2.
Source: Braze documentation, "CSV import",
https://www.braze.com/docs/user_guide/data/unification/user_data/import_users/csv.
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
        Column("external_id", "id", safe_id),
        *address_columns("email", "phone", "first_name", "last_name", "country"),
        *CAMPAIGN_COLUMNS,
    ),
    identifiers=(("id",),),
    max_bytes=500_000_000,
    product_header=PRODUCT_ATTRIBUTE,
)
