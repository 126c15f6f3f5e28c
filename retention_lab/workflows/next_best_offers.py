"""`lab campaign offers`: for every eligible customer the few best offers, and the products to put in them."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.config.campaign import CampaignDefinition
from retention_lab.data.connect import Tables
from retention_lab.data.write import table_bytes
from retention_lab.errors import LabError, UsageError
from retention_lab.tracking.models import Loaded
from retention_lab.whole_files import write_whole
from retention_lab.workflows.campaign_audience import Eligible
from retention_lab.workflows.campaign_offers import Offers, campaign_offers
from retention_lab.workflows.campaign_policy import campaign_policy, load_policy_version
from retention_lab.workflows.campaign_products import CampaignProducts, campaign_products, products_notes
from retention_lab.workflows.customer_values import CustomerValues, customer_values
from retention_lab.workflows.held_out import predictions
from retention_lab.workflows.plan_campaign import campaign_definition, eligible_of, planning_date, whom
from retention_lab.workflows.plan_choice import policy_terms
from retention_lab.workflows.plan_files import product_columns
from retention_lab.workflows.project import Lab
from retention_lab.workflows.recommend_rules import agreed


@dataclass(frozen=True, slots=True)
class OffersRequest:
    """most: offers a customer. out: the file, CSV or Parquet by its ending."""

    name: str
    out: Path
    most: int = 3
    as_of: datetime | None = None
    overrides: Sequence[str] = ()
    accept_ungated: bool = False


@dataclass(frozen=True, slots=True)
class Ranked:
    """One row a recommendation. row: (m,) of the eligible; rank: (m,) from 1; offer: (m,) among the offers;
    value: (m,) expected beyond no offer, above 0."""

    row: Ints
    rank: Ints
    offer: Ints
    value: Floats


def next_best_offers(lab: Lab, request: OffersRequest, *, say: Callable[[str], None]) -> dict[str, Any]:
    """Write the offers that are expected to earn something, the best first, customer by customer.

    By the model that the campaign names, before any budget: a plan spends the money where it brings most.
    Who does not agree to be profiled, where customers are asked, is not in the table.
    Raises LabError where there is no such model yet, GateError where it may not choose.
    """
    _check_file(request.out)
    definition = campaign_definition(lab, request.name, request.overrides)
    store = lab.open_store()
    version = load_policy_version(store, definition)
    if version is None:
        raise _no_model(definition)
    with nullcontext() if definition.audience.flat else lab.open_tables() as tables:
        say("finding the audience")
        at = planning_date(lab, tables, request.as_of)
        eligible = eligible_of(lab, definition, tables, version, at)
        offers = campaign_offers(definition, tables)
        say("valuing the offers")
        policy = campaign_policy(lab, store, definition, version, accept_ungated=request.accept_ungated)
        customers = eligible.ids.tolist()
        agree = _agreed(tables, customers)
        seen = predictions(policy.scorer, policy.scorer.features(eligible.table))
        value = policy_terms(definition, offers, policy, seen).value
        ranked = _ranked(value, agree, request.most)
        say("choosing the products")
        products = campaign_products(lab, definition, tables, customers, at)
        values = None if tables is None else customer_values(lab, customers, at)
    unit = lab.settings.currency if definition.policy.objective == "net_value" else policy.scorer.outcome
    table = _table(eligible, offers, ranked, _Beside(products, values, unit))
    write_whole(request.out, table_bytes(request.out, table))
    notes = (*policy.warnings, *policy.limits(offers.names, offers.redemption))
    return {
        **whom(definition, eligible, at),
        **_best(offers, ranked),
        "unit": unit,
        "model": version.name,
        "model_version": version.version,
        "content": None if products is None else products.facts,
        "customer_value": None if values is None else _model(values.loaded, values.horizon_days),
        "customers_without_consent": int((~agree).sum()),
        "notes": [*eligible.notes, *notes, *_silent(agree), *products_notes(definition, products)],
        "file": str(request.out),
    }


def _silent(agree: Bools) -> list[str]:
    barred = int((~agree).sum())
    return [f"{barred:,} customers do not agree to be profiled: they are not in the table."] if barred else []


def _best(offers: Offers, ranked: Ranked) -> dict[str, Any]:
    """How many customers have an offer, and which is the best of how many."""
    first = np.bincount(ranked.offer[ranked.rank == 1], minlength=len(offers.names))
    counts = dict(zip(offers.names, first.tolist(), strict=True))
    return {"customers": int(first.sum()), "rows": len(ranked.row), "best_offer": counts}


def _agreed(tables: Tables | None, customers: Sequence[str]) -> Bools:
    """(n,) who may be scored; everybody where nobody is asked."""
    found = None if tables is None else agreed(tables, customers)
    return np.ones(len(customers), dtype=np.bool_) if found is None else found


def _ranked(value: Floats, agree: Bools, most: int) -> Ranked:
    """The best of (n, K) offers of each who agrees, of those that are expected to earn more than none."""
    order = np.argsort(-value, axis=1, kind="stable")[:, :most]
    best = np.take_along_axis(value, order, axis=1)
    row, place = np.nonzero((best > 0) & agree[:, None])
    return Ranked(row, place + 1, order[row, place], best[row, place])


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands beside an offer, where it is known."""

    products: CampaignProducts | None
    values: CustomerValues | None
    unit: str


def _table(eligible: Eligible, offers: Offers, ranked: Ranked, beside: _Beside) -> pa.Table:
    """customer_id, rank, offer, expected_net_value, product_1…, customer_value, reasons."""
    row = ranked.row
    names = np.array(offers.names, dtype=object)
    none = np.full((len(eligible), 0), None, dtype=object)
    products = none if beside.products is None else beside.products.ids()
    because = none if beside.products is None else beside.products.because()
    worth = np.full(len(eligible), np.nan) if beside.values is None else beside.values.value
    days = 0 if beside.values is None else beside.values.horizon_days
    reasons = [
        _reason(value, beside.unit, list(zip(products[at], because[at], strict=True)), worth[at], days)
        for at, value in zip(row.tolist(), ranked.value.tolist(), strict=True)
    ]
    return pa.table(
        {
            "customer_id": pa.array(eligible.ids[row].tolist(), pa.string()),
            "rank": pa.array(ranked.rank, pa.int64()),
            "offer": pa.array(names[ranked.offer].tolist(), pa.string()),
            "expected_net_value": pa.array(ranked.value, pa.float64()),
            **product_columns(products[row]),
            "customer_value": pa.array(worth[row], pa.float64(), from_pandas=True),
            "reasons": pa.array(reasons, pa.string()),
        }
    )


def _reason(
    value: float, unit: str, products: list[tuple[str | None, str | None]], worth: float, days: int
) -> str:
    """Why this offer, why these products, and how much is at stake."""
    found = [f"expected to bring {value:.2f} {unit} more than no offer"]
    found += [f"{product} because of {bought}" for product, bought in products if product and bought]
    if np.isfinite(worth):
        found.append(f"the customer is worth {worth:.0f} {unit} over {days} days")
    return "; ".join(found)


def _model(loaded: Loaded, days: int) -> dict[str, Any]:
    return {"model": loaded.name, "model_version": loaded.version, "horizon_days": days}


def _check_file(out: Path) -> None:
    if not out.name.lower().endswith((".csv", ".csv.gz", ".parquet")):
        raise UsageError(f"{out.name} is no kind of table.", "End it in .csv, .csv.gz or .parquet.")


def _no_model(definition: CampaignDefinition) -> LabError:
    name = definition.policy.model.name
    return LabError(
        f"No version of '{name}' is champion yet, so no offer is known to be better than another.",
        f"Train and promote one: `lab train {name}`, then `lab promote {name}`. `lab campaign plan` explores "
        "meanwhile.",
        file=definition.file,
        key="policy.uplift",
    )
