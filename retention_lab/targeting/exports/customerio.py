"""Customer.io: people by id, the offer as an attribute.

Attributes are case sensitive (id, Id and ID are three), and one column must be an identifier of the
workspace. A file has at most 100 MB and 100 columns.
Source: Customer.io documentation, "Import people via CSV", https://customer.io/docs/uploading-people/.
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
        Column("id", "id", safe_id),
        *address_columns("email", "phone", "first_name", "last_name", "country"),
        *CAMPAIGN_COLUMNS,
    ),
    identifiers=(("id",),),
    max_bytes=100_000_000,
    product_header=PRODUCT_ATTRIBUTE,
)
