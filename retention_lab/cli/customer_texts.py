"""What the commands of the customer view print for people."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console

from retention_lab.cli import show
from retention_lab.cli.segments_texts import segments_table

if TYPE_CHECKING:
    from retention_lab.workflows.customer_cohorts import CohortView
    from retention_lab.workflows.customer_lifecycle import LifecycleView
    from retention_lab.workflows.customer_loyalty import LoyaltyView
    from retention_lab.workflows.customer_profile import ProfileView
    from retention_lab.workflows.customer_rfm import RfmView
    from retention_lab.workflows.customer_segments import SegmentsView

_MONTHS = 12  # columns of the cohort table; the JSON has all
_METRICS = ("repeat_purchase_rate", "retention_rate", "purchase_frequency", "customer_value", "satisfaction")
_HEADS = ("bought again", "kept", "orders in 365 days", "revenue in 365 days", "score")


def rfm_text(console: Console, view: "RfmView") -> None:
    """The named cells, then the grid."""
    found = view.as_json()
    _as_of(console, found)
    if found["without_orders"]:
        console.print(f"{found['without_orders']:,} of them have not ordered and have no score.")
    rows = [
        [
            _spaced(one["cell"]),
            f"{one['customers']:,}",
            _share(one["share"]),
            _percent(one["revenue_share"]),
            show.number(one["mean_revenue"], 2),
        ]
        for one in found["cells"]
    ]
    show.table(console, ["cell", "customers", "share", "share of revenue", "revenue each"], rows)
    console.print()
    grid = [[f"R{r}", *(f"{int(view.grid[r - 1, f - 1]):,}" for f in range(1, 6))] for r in range(5, 0, -1)]
    title = "Customers by recency (R5 the latest) and frequency (F5 the most orders)"
    show.table(console, ["", *(f"F{f}" for f in range(1, 6))], grid, title=title)


def lifecycle_text(console: Console, view: "LifecycleView") -> None:
    """The stages, then who moved."""
    found = view.as_json()
    _as_of(console, found)
    rows = [
        [(one["stage"] or "not known").replace("_", " "), f"{one['customers']:,}", _share(one["share"])]
        for one in found["rows"]
    ]
    show.table(console, ["stage", "customers", "share [95 % interval]"], rows)
    console.print()
    title = f"From {found['before'][:10]} (rows) to now"
    _moves(console, found["transitions"], view.moves.before, title, _spaced)


def cohorts_text(console: Console, view: "CohortView") -> None:
    """Retention by cohort and month, in per cent, then over all cohorts."""
    found = view.cohorts
    console.print(
        f"As of {view.as_of.date().isoformat()}: {int(found.sizes.sum()):,} customers have ordered."
    )
    width = min(found.customers.shape[1], _MONTHS + 1)
    names = list(dict.fromkeys(row["cohort"] for row in found.rows()))
    rows = [
        [name, f"{int(found.sizes[i]):,}", *(_cell(found, i, k) for k in range(width))]
        for i, name in enumerate(names)
    ]
    title = "Per cent who ordered so many months after the month of their first order; ( ) not over yet"
    show.table(console, ["first order", "customers", *(str(k) for k in range(width))], rows, title=title)
    console.print()
    after = [
        [str(one["months_since"]), f"{one['customers']:,}", _share(one["retention"])]
        for one in view.retention()[:_MONTHS]
    ]
    if after:
        show.table(console, ["months after", "customers", "ordered [95 % interval]"], after)


def loyalty_text(console: Console, view: "LoyaltyView") -> None:
    """The metrics of everybody and by group, then the funnels."""
    found = view.as_json()
    console.print(f"As of {found['as_of'][:10]}; windows of {view.window_days} days.")
    rows = [[name.replace("_", " "), _metric(name, found["rows"][0])] for name in found["meanings"]]
    show.table(console, ["all customers", "value [95 % interval]"], rows)
    console.print()
    groups = [
        [
            _level(one),
            f"{one['customers']:,}",
            *(_short(name, one[name]) for name in _METRICS),
        ]
        for one in found["rows"][1:]
    ]
    show.table(console, [view.by.replace("_", " "), "customers", *_HEADS], groups)
    if found["funnel"]:
        console.print()
        _funnels(console, found["funnel"], view.window_days)


def segments_text(console: Console, view: "SegmentsView") -> None:
    """The segments, then who moved."""
    found = view.as_json()
    _as_of(console, found)
    console.print(f"{found['name']} version {found['version']}", markup=False)
    segments_table(console, found["rows"])
    if found["in_no_segment"]:
        console.print(f"{found['in_no_segment']:,} customers are in no segment.")
    console.print()
    _moves(console, found["migration"], view.moves.before, f"From {found['before'][:10]} (rows) to now")


def profile_text(console: Console, view: "ProfileView") -> None:
    """One customer, section by section, then the latest orders."""
    console.print(f"As of {view.as_of.date().isoformat()}, beside {view.customers:,} customers.")
    cell = view.rfm["cell"]
    scores = (
        "" if cell is None else f" (R{view.rfm['recency']} F{view.rfm['frequency']} M{view.rfm['money']})"
    )
    console.print(f"RFM: {view.rfm['reason'] if cell is None else cell.replace('_', ' ')}{scores}")
    rows = [
        [
            fact.name.replace("_", " "),
            _fact(fact.value),
            "–" if fact.percentile is None else f"{fact.percentile:.0%}",
            _fact(fact.typical),
        ]
        for fact in view.facts
    ]
    show.table(console, ["fact", "value", "above this share of customers", "typical"], rows)
    if view.orders:
        console.print()
        orders = [
            [
                one["order_id"],
                "–" if one["ordered_at"] is None else f"{one['ordered_at']:%Y-%m-%d}",
                f"{one['lines']:,}",
                show.number(one["paid"], 2),
                show.number(one["returned"], 2),
            ]
            for one in view.orders
        ]
        show.table(console, ["order", "at (UTC)", "lines", "paid", "returned"], orders, title="Latest orders")


def _as_of(console: Console, found: Mapping[str, Any]) -> None:
    console.print(f"As of {found['as_of'][:10]}: {found['customers']:,} customers.")


def _moves(
    console: Console,
    moves: Sequence[Mapping[str, Any]],
    order: Sequence[str],
    title: str,
    called: Callable[[str], str] = str,
) -> None:
    counts = {(one["from"], one["to"]): one["customers"] for one in moves}
    starts = [name for name in order if any(name == start for start, _ in counts)]
    ends = [name for name in order if any(name == end for _, end in counts)]
    rows = [[called(start), *(f"{counts.get((start, end), 0):,}" for end in ends)] for start in starts]
    show.table(console, ["", *map(called, ends)], rows, title=title)


def _funnels(console: Console, funnels: Sequence[Mapping[str, Any]], days: int) -> None:
    rows = [
        [
            "all" if one["group"] == "all" else f"{one['group'].replace('_', ' ')}: {_level(one)}",
            f"{one['view']:,}",
            f"{one['cart']:,}",
            f"{one['order']:,}",
            _share(one["whole_share"]),
            f"{one['ordered_elsewhere']:,}",
        ]
        for one in funnels
    ]
    heads = ["customers", "viewed", "then a cart", "then an order", "order of views", "ordered otherwise"]
    show.table(console, heads, rows, title=f"From a view to an order, in the last {days} days")


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _cell(found: Any, i: int, k: int) -> str:
    value = found.retention[i, k]
    if value != value:  # a month to come
        return ""
    written = f"{100 * value:.0f}"
    return written if found.complete[i, k] else f"({written})"


def _metric(name: str, row: Mapping[str, Any]) -> str:
    one = row[name]
    if one["value"] is None:
        return f"– ({one['reason']})"
    return _share(one) if name.endswith("_rate") else show.interval(one, 2)


def _short(name: str, one: Mapping[str, Any]) -> str:
    if one["value"] is None:
        return "–"
    return f"{one['value']:.1%}" if name.endswith("_rate") else show.number(one["value"], 2)


def _level(one: Mapping[str, Any]) -> str:
    return "none" if one["level"] is None else str(one["level"]).replace("_", " ")


def _share(one: Mapping[str, Any] | None) -> str:
    if one is None:
        return "–"
    return f"{one['value']:.1%} [{one['ci_low']:.1%}, {one['ci_high']:.1%}]"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _fact(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return show.number(value, 2) if isinstance(value, float) else str(value)
