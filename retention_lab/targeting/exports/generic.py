"""A send file that any tool reads: one row per customer to contact, with the offer.

UTF-8, comma, one header line. Addresses are added where the definition names their columns.
"""

from retention_lab.targeting.exports.format import Column, Format, address_columns, as_it_is

FORMAT = Format(
    columns=(
        Column("customer_id", "customer_id", as_it_is),
        Column("offer", "offer", as_it_is),
        Column("channel", "channel", as_it_is),
        Column("external_id", "external_id", as_it_is),
        *address_columns("email", "phone", "first_name", "last_name", "country", "postcode"),
    ),
    identifiers=(("customer_id",),),
    product_header="product_{}",
)
