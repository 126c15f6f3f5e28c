from pathlib import Path

import pytest

from retention_lab.config.campaign import CampaignDefinition, model_reference
from retention_lab.config.loading import read_definition
from retention_lab.errors import ConfigurationError
from tests.config.labs import CAMPAIGN, lab_in


def read(folder: Path, *overrides: str) -> CampaignDefinition:
    definition = read_definition(lab_in(folder, again=CAMPAIGN), "again", overrides)
    assert isinstance(definition, CampaignDefinition)
    return definition


def test_defaults_are_the_contracts(tmp_path: Path) -> None:
    campaign = read(tmp_path)
    assert not campaign.audience.flat
    assert campaign.audience.where is None
    assert campaign.offer_names == ("coupon_10", "points_200")
    assert campaign.inline_offers is None
    assert (campaign.policy.objective, campaign.policy.risk) == ("net_value", "expected")
    assert (campaign.budget, campaign.horizon_days, campaign.holdout, campaign.exploration) == (
        None,
        30,
        0.1,
        0.1,
    )
    assert campaign.min_days_between_assignments == 30
    assert campaign.export.to == "generic"


def test_offers_may_be_written_in_place(tmp_path: Path) -> None:
    campaign = read(tmp_path, "offers={1: {cost_per_contact: 0.1}, Mens E-Mail: {}}")
    assert campaign.inline_offers is not None
    assert {name: offer.cost_per_contact for name, offer in campaign.inline_offers.items()} == {
        "1": 0.1,
        "Mens E-Mail": 0.0,
    }


def test_an_offer_that_yaml_reads_as_a_number_can_be_overridden(tmp_path: Path) -> None:
    campaign = read(tmp_path, "offers={1: {cost_per_contact: 0.1}}", "offers.1.cost_per_contact=0.2")
    assert campaign.inline_offers is not None
    assert campaign.inline_offers["1"].cost_per_contact == 0.2


def test_a_flat_audience_names_a_file(tmp_path: Path) -> None:
    audience = read(
        tmp_path, "offers={a: {}}", "audience={table: data/next.csv, id: email_hash, rows: held_out}"
    ).audience
    assert (audience.flat, audience.table, audience.id, audience.rows) == (
        True,
        "data/next.csv",
        "email_hash",
        "held_out",
    )


def test_a_model_without_a_selector_is_its_champion(tmp_path: Path) -> None:
    assert read(tmp_path, "policy.uplift=mail").policy.model == ("mail", "@champion")
    assert read(tmp_path, "policy.uplift=mail/3").policy.model == ("mail", "/3")


def test_what_is_no_reference_is_none() -> None:
    assert model_reference("mail@") is None
    assert model_reference("mail/0") is None
    assert model_reference("a b") is None
    assert model_reference("mail@challenger") == ("mail", "@challenger")


@pytest.mark.parametrize(
    ("override", "key", "message"),
    [
        ("offers=[]", "offers", "not empty"),
        ("offers=[none]", "offers", "always an offer"),
        ("offers=[a, a]", "offers", "named twice"),
        ("offers={a: {cost_per_contct: 1}}", "offers.a.cost_per_contct", "Did you mean 'cost_per_contact'"),
        ("offers={a: {cost_per_contact: -1}}", "offers.a.cost_per_contact", "at least 0"),
        ("policy.uplift=mail@", "policy.uplift", "names no model version"),
        ("policy.risk=cautious", "policy.risk", "'expected'"),
        ("policy.risk={cautious: 0.6}", "policy.risk.cautious", "below 0.5"),
        ("policy.risk={cautious: 0.2, cautios: 1}", "policy.risk.cautios", "Did you mean 'cautious'"),
        ("exploration_by=tompson", "exploration_by", "Did you mean 'thompson'"),
        ("budget_mode=worst_case", "budget_mode", "nothing without a budget"),
        ("constraints.min_share={column: region, shares: {}}", "constraints.min_share.shares", "not empty"),
        (
            "constraints.min_share={column: region, shares: {north: 1.2}}",
            "constraints.min_share.shares.north",
            "at most 1",
        ),
        ("policy.objective=net_valu", "policy.objective", "Did you mean 'net_value'"),
        ("budget=-1", "budget", "at least 0"),
        ("budget=lots", "budget", "Expected a number"),
        ("holdout=1", "holdout", "below 1"),
        ("exploration=0.95", "exploration", "1.05 of the audience"),
        (
            "constraints.min_days_between_assignments=10",
            "constraints.min_days_between_assignments",
            "horizon of 30",
        ),
        ("audience={where: a > 1, table: x.csv}", "audience.where", "means nothing"),
        ("audience={channel: email, table: x.csv}", "audience.channel", "means nothing"),
        ("audience={table: x.csv}", "offers", "without a table of offers"),
        ("audience={id: a}", "audience.id", "means nothing"),
        ("audience={rows: held_out}", "audience.rows", "flat `table:`"),
    ],
)
def test_a_campaign_that_contradicts_itself_is_refused(
    tmp_path: Path, override: str, key: str, message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, override)
    assert caught.value.key == key
    assert message in str(caught.value)


def test_limits_risk_and_exploration_are_read(tmp_path: Path) -> None:
    campaign = read(
        tmp_path,
        "budget=100",
        "budget_mode=worst_case",
        "discount_budget=50",
        "policy.risk={cautious: 0.2}",
        "exploration_by=thompson",
        "constraints={channel_caps: {sms: 2000}, min_share: {column: tier, shares: {1: 0.2}}}",
    )
    assert campaign.policy.cautious == 0.2
    assert (campaign.budget_mode, campaign.exploration_by, campaign.discount_budget) == (
        "worst_case",
        "thompson",
        50,
    )
    assert campaign.constraints.channel_caps == {"sms": 2000}
    assert campaign.constraints.min_share is not None
    assert campaign.constraints.min_share.shares == {"1": 0.2}
    assert campaign.asks_how_sure
    assert not read(tmp_path).asks_how_sure


def test_a_flat_audience_has_no_orders_to_foretell_discounts_from(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="discounts cannot be foretold") as caught:
        read(tmp_path, "offers={a: {}}", "audience={table: x.csv}", "discount_budget=100")
    assert caught.value.key == "discount_budget"


def test_an_export_says_where_a_customers_addresses_are(tmp_path: Path) -> None:
    found = read(tmp_path, "export={to: google, columns: {email: mail}, country: de}").export
    assert (found.to, found.columns, found.country) == ("google", {"email": "mail"}, "DE")
    assert read(tmp_path, "export={to: braze}").export.columns == {}  # customer_id is enough


@pytest.mark.parametrize(
    ("export", "key", "message"),
    [
        ("{to: klaviyo}", "export.columns", "columns: {email: COLUMN}"),
        ("{to: google, columns: {first_name: a, last_name: b}}", "export.columns", "knows people by email"),
        ("{to: meta, columns: {emial: mail}}", "export.columns.emial", "Did you mean 'email'"),
        ("{to: google, columns: {email: m, external_id: i}}", "export.columns.external_id", "no place"),
        ("{to: braze, country: Germany}", "export.country", "ISO 3166-1"),
    ],
)
def test_an_export_that_could_find_nobody_is_refused(
    tmp_path: Path, export: str, key: str, message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, f"export={export}")
    assert caught.value.key == key
    assert message in str(caught.value)


def test_a_postal_address_is_an_identifier_with_the_country_of_all(tmp_path: Path) -> None:
    columns = "{first_name: a, last_name: b, postcode: c}"
    assert read(tmp_path, f"export={{to: google, columns: {columns}, country: DE}}").export.country == "DE"


def test_an_export_that_nobody_knows_gets_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'braze'"):
        read(tmp_path, "export.to=brase")


def test_a_coupon_shows_products_of_a_recommender_by_its_champion(tmp_path: Path) -> None:
    assert read(tmp_path).content is None
    content = read(tmp_path, "content={recommend: what}").content
    assert content is not None
    assert (content.model, content.products) == (("what", "@champion"), 3)


@pytest.mark.parametrize(
    ("overrides", "key", "message"),
    [
        (
            ["content={recommend: what}", "offers={a: {}}", "audience={table: n.csv}"],
            "content",
            "flat audience",
        ),
        (
            ["content={recommend: what}", "export={to: google, columns: {email: e}}"],
            "content",
            "no place for products",
        ),
        (["content={recommend: a b}"], "content.recommend", "names no model version"),
        (["content={recommend: a, products: 0}"], "content.products", "1"),
    ],
)
def test_content_that_nobody_could_send_is_refused(
    tmp_path: Path, overrides: list[str], key: str, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        read(tmp_path, *overrides)
    assert caught.value.key == key
