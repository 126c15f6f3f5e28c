"""What customers paid, brought back and saved, over everything so far and over windows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.data.ledger import DAY, TEN_THOUSANDTHS, LedgerAt
from retention_lab.data.rhythm import trend

_REVENUE = ("paid", "returned")


@dataclass(frozen=True, slots=True)
class MoneyColumn:
    """A column of a snapshot.

    measures: of the ledger, that it adds up. windows: days. of: ledger at the cut-offs, and (r,) orders so
    far, -> (r,) values. needs_orders: whether it reads the orders.
    """

    measures: tuple[str, ...]
    windows: tuple[int, ...]
    of: Callable[[LedgerAt, Ints], pa.Array]
    needs_orders: bool = False


def _windows(days: int | None) -> tuple[int, ...]:
    return () if days is None else (days,)


def _revenue(days: int | None = None) -> MoneyColumn:
    def of(ledger: LedgerAt, _: Ints) -> pa.Array:
        return pa.array(_money(ledger.within("paid", days) - ledger.within("returned", days)))

    return MoneyColumn(_REVENUE, _windows(days), of)


def _total(measure: str, days: int | None = None) -> MoneyColumn:
    def of(ledger: LedgerAt, _: Ints) -> pa.Array:
        return pa.array(_money(ledger.within(measure, days)))

    return MoneyColumn((measure,), _windows(days), of)


def _count(measure: str, days: int | None = None) -> MoneyColumn:
    def of(ledger: LedgerAt, _: Ints) -> pa.Array:
        return pa.array(ledger.within(measure, days))

    return MoneyColumn((measure,), _windows(days), of)


def _return_share(days: int | None = None) -> MoneyColumn:
    def of(ledger: LedgerAt, _: Ints) -> pa.Array:
        paid = ledger.within("paid", days)
        return _ratio(_money(ledger.within("returned", days)), _money(paid), paid > 0)

    return MoneyColumn(_REVENUE, _windows(days), of)


def _discount_share(days: int | None = None) -> MoneyColumn:
    def of(ledger: LedgerAt, _: Ints) -> pa.Array:
        paid, discount = ledger.within("paid", days), ledger.within("discount", days)
        return _ratio(_money(discount), _money(paid + discount), paid > 0)

    return MoneyColumn(("paid", "discount"), _windows(days), of)


def _spend_trend(days: int) -> MoneyColumn:
    def of(ledger: LedgerAt, _: Ints) -> pa.Array:
        return trend(ledger.within("paid", days), ledger.within("paid", 2 * days))

    return MoneyColumn(("paid",), (days, 2 * days), of)


def _mean_order_value(ledger: LedgerAt, orders: Ints) -> pa.Array:
    return _ratio(_money(ledger.before("paid")), orders, orders > 0)


def _mean_line_value(ledger: LedgerAt, _: Ints) -> pa.Array:
    lines = ledger.before("lines")
    return _ratio(_money(ledger.before("paid")), lines, lines > 0)


def _lines_per_order(ledger: LedgerAt, orders: Ints) -> pa.Array:
    return _ratio(ledger.before("lines").astype(np.float64), orders, orders > 0)


def _last_line_days(ledger: LedgerAt, _: Ints) -> pa.Array:
    ago = (ledger.cutoff - ledger.before("last_line")) / float(DAY)
    return pa.array(ago, mask=ledger.before("lines") == 0)


MONEY: Mapping[str, MoneyColumn] = {
    "revenue": _revenue(),
    "revenue_30": _revenue(30),
    "revenue_90": _revenue(90),
    "revenue_365": _revenue(365),
    "contribution_365": _total("contribution", 365),
    "mean_order_value": MoneyColumn(("paid",), (), _mean_order_value, needs_orders=True),
    "return_share": _return_share(),
    "discount_share": _discount_share(),
    "revenue_7": _revenue(7),
    "revenue_180": _revenue(180),
    "spend_trend_30": _spend_trend(30),
    "spend_trend_90": _spend_trend(90),
    "spend_trend_180": _spend_trend(180),
    "contribution": _total("contribution"),
    "contribution_30": _total("contribution", 30),
    "contribution_90": _total("contribution", 90),
    "contribution_180": _total("contribution", 180),
    "lines": _count("lines"),
    "lines_7": _count("lines", 7),
    "lines_30": _count("lines", 30),
    "lines_90": _count("lines", 90),
    "lines_180": _count("lines", 180),
    "lines_365": _count("lines", 365),
    "last_line_days": MoneyColumn(("lines", "last_line"), (), _last_line_days),
    "mean_line_value": MoneyColumn(("paid", "lines"), (), _mean_line_value),
    "lines_per_order": MoneyColumn(("lines",), (), _lines_per_order, needs_orders=True),
    "returns": _count("returns"),
    "returns_90": _count("returns", 90),
    "returns_365": _count("returns", 365),
    "return_share_365": _return_share(365),
    "discount_share_365": _discount_share(365),
}


def _money(ten_thousandths: Ints) -> Floats:
    return ten_thousandths / TEN_THOUSANDTHS


def _ratio(values: Floats, by: Floats | Ints, known: Bools) -> pa.Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return pa.array(values / by, mask=~known)
