"""`lab campaign report`: the measured launch as a page."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from retention_lab.estimate import Estimate
from retention_lab.reports.campaign import Budget, CampaignReport, Money, OfferResult, Truth, Way
from retention_lab.reports.campaign_report import render_campaign
from retention_lab.reports.parts import Origin
from retention_lab.targeting.incremental import GroupResult
from retention_lab.tracking.artifacts import log_artifact
from retention_lab.whole_files import write_whole
from retention_lab.workflows.measure_campaign import MeasureReport, measure_campaign
from retention_lab.workflows.plan_campaign import campaign_definition
from retention_lab.workflows.project import Lab

LANGUAGES = ("en", "zh-CN")


def report_campaign(lab: Lab, name: str, *, experiment: str | None = None) -> dict[str, Any]:
    """Measure the launch and write its page in every language, the project's own first."""
    return write_pages(lab, name, measure_campaign(lab, name, experiment=experiment))


def write_pages(lab: Lab, name: str, found: MeasureReport, truth: Truth | None = None) -> dict[str, Any]:
    """The pages of a measured launch, beside the campaign and with its run. truth: of a simulation only."""
    report = campaign_report(lab, name, found, truth)
    files: dict[str, str] = {}
    for language in sorted(LANGUAGES, key=lambda one: one != lab.settings.language):
        page = render_campaign(report, language)
        suffix = "" if language == lab.settings.language else f".{language}"
        path = lab.folder / "campaigns" / name / f"report-{found.experiment}{suffix}.html"
        write_whole(path, page.encode())
        log_artifact(lab.open_store(), found.run_id, f"report{suffix}.html", page.encode())
        files[language] = str(path.relative_to(lab.folder))
    return {"file": files[lab.settings.language], "files": files}


def campaign_report(lab: Lab, name: str, found: MeasureReport, truth: Truth | None) -> CampaignReport:
    """What the page says, as plain values."""
    definition = campaign_definition(lab, name)
    facts = found.plan.facts if found.plan else None
    measured = found.measured
    first = found.assigned_at.astimezone(lab.project.tzinfo).date()
    return CampaignReport(
        campaign=name,
        experiment=found.experiment,
        currency=lab.settings.currency,
        first_day=first,
        last_day=first + timedelta(days=found.horizon_days - 1),
        customers=found.rows,
        holdout=found.holdout or found.without,
        trustworthy=found.trustworthy,
        checks=tuple(found.checks),
        profit=measured.profit,
        incremental_contribution=measured.incremental_contribution,
        channel=definition.audience.channel,
        roi=measured.roi,
        extra_customers=found.extras.customers,
        money=_money(found),
        offers=_offers(found),
        segments=_results(found.groups.segments),
        tenths=_results(found.groups.deciles),
        expected=None if facts is None else _estimate(facts["expected"]["profit"]),
        policy_vs_random=found.policy_vs_random,
        baselines=() if facts is None else _ways(facts["baselines"]),
        budget=None if facts is None else _budget(facts),
        truth=truth,
        uplift=definition.policy.model.name,
        gate_passed=None if found.model is None or found.model.gate is None else found.model.gate.passed,
        origin=Origin(
            model=f"{facts['model']} v{facts['model_version']}" if facts and facts["model"] else None,
            experiment=found.experiment,
            run_id=found.run_id,
            data_as_of=found.data_end.astimezone(lab.project.tzinfo).date(),
        ),
    )


def _money(found: MeasureReport) -> Money:
    """From what customers paid and what was taken off, down to the contribution: the bars add up."""
    extras, contribution = found.extras, found.measured.incremental_contribution.value
    discount = (
        0.0 if extras.discount is None else extras.discount.value
    )  # untold: the bars begin at what was paid
    return Money(
        incremental_revenue=extras.revenue.value + discount,
        cost_of_goods=extras.revenue.value - contribution,
        discount=discount,
        discount_anyway=None,
        redemption_cost=extras.redemption_cost,
        contact_cost=extras.contact_cost,
    )


def _offers(found: MeasureReport) -> tuple[OfferResult, ...]:
    return tuple(
        OfferResult(found.offers[k], result.rows, result.profit, result.reason or "")
        for k, result in enumerate(found.measured.per_offer)
    )


def _results(groups: Sequence[GroupResult]) -> tuple[OfferResult, ...]:
    return tuple(OfferResult(one.name, one.rows, one.profit, one.reason or "") for one in groups if one.rows)


def _estimate(found: dict[str, Any]) -> Estimate | None:
    """An estimate from a plan's JSON, which keeps the interval and not the standard error."""
    if found["value"] is None:
        return None
    low, high = found["ci_low"], found["ci_high"]
    return Estimate(found["value"], (high - low) / (2 * 1.959964), low, high, found["p_value"])


def _ways(baselines: dict[str, Any]) -> tuple[Way, ...]:
    found = {name: _estimate(one) for name, one in baselines.items()}
    return tuple(Way(name, estimate) for name, estimate in found.items() if estimate is not None)


def _budget(facts: dict[str, Any]) -> Budget | None:
    if not facts["curve"] or not facts["in_money"]:
        return None
    points = [(point["budget"], _on_curve(point)) for point in facts["curve"]]
    planned = facts["budget"] if facts["budget"] is not None else facts["spend"]
    return Budget(
        tuple((budget, one) for budget, one in points if one is not None),
        planned,
        together="band_low" in facts["curve"][0],
        recommended=_recommended(facts.get("recommended_budget")),
    )


def _on_curve(point: dict[str, Any]) -> Estimate | None:
    """With the edges of the band, where the plan has one."""
    found = _estimate(point["profit"])
    if found is None or "band_low" not in point:
        return found
    return replace(found, low=point["band_low"], high=point["band_high"])


def _recommended(found: dict[str, Any] | None) -> tuple[float, Estimate] | None:
    profit = None if found is None or found["budget"] is None else _estimate(found["profit"])
    return None if found is None or profit is None else (found["budget"], profit)
