"""The draft of a value model's definition for an unknown log: whose lines, when, how much, how far ahead."""

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from retention_lab.clv.purchase_days import PurchaseDays
from retention_lab.clv.scorer import Columns, log_days
from retention_lab.clv.summary import UNITS
from retention_lab.errors import LabError
from retention_lab.workflows import column_roles as roles
from retention_lab.workflows.column_roles import ColumnFacts
from retention_lab.workflows.definition_draft import Answers, Draft, Guess, commented, flow_list, scalar
from retention_lab.workflows.guessed_roles import SAID, find_column

_CUSTOMER = re.compile(
    r"^(customer|client|member|user|buyer|shopper|subscriber|account|household|person|contact|kunde|kunden|"
    r"客户|会员|用户|顾客)_?(id|no|nr|number|key|code|nummer)?$"
)
_NOT_CUSTOMER = re.compile(
    r"order|invoice|transaction|basket|receipt|line|row|product|item|sku|store|shop|campaign|rechnung|bestell"
)
_BOUGHT = re.compile(
    r"order|purchase|bought|paid|payment|invoice|transaction|sold|sale|kauf|bestell|rechnung|购买|下单|支付"
)
_OTHER_TIME = re.compile(
    r"birth|sign|regist|joined|ship|deliver|update|end|expire|return|refund|cancel|geburt|生日|注册"
)
_AMOUNT = re.compile(
    r"^(.*_)?(amount|total|value|spend|spent|spending|revenue|sales|paid|price|turnover|betrag|umsatz|summe|"
    r"gesamt|金额|消费)(_(usd|eur|gbp|chf|cny|net|gross|total|paid|amount))?$"
)
_PIECE = re.compile(r"unit|per_|each|single|stueck|stück|单价")
_QUANTITY = re.compile(r"^(qty|quantity|pieces|count|items|menge|anzahl|数量)$")
_AT_WILL = ("beta_geo", "modified_beta_geo", "pareto_nbd", "value_model", "combined")
_REGULAR = 0.8  # share of the gaps within a fifth of their median from which a log is one of payments
_YEAR = 365
_SHORT, _LONG = 26 * 7, 6 * _YEAR  # days of a log


def draft_clv(table: pa.Table, path: str, name: str, answers: Answers) -> Draft:
    """Guess what `answers` leaves open. path: as the definition is to name the file.

    Raises LabError where no column looks like a customer or a time, or the rows are no log.
    """
    facts = roles.column_facts(table)
    customer = _customer(facts, answers)
    time = _time(facts, answers)
    amount = _amount(facts, answers, {customer.value, time.value})
    columns = Columns(customer.value, time.value, None if amount.value == "null" else amount.value)
    days = log_days(table, columns)  # what `lab train` would refuse is refused here
    guesses = (customer, time, amount, *_scope(days))
    return Draft(_text(path, guesses, days), guesses, (), f"lab train {name}")


def _customer(facts: dict[str, ColumnFacts], answers: Answers) -> Guess:
    if answers.customer is not None:
        return Guess("customer", find_column(facts, answers.customer, "--customer").name, SAID)
    named = [column for column in facts.values() if _CUSTOMER.search(column.plain_name)]
    if named:
        return Guess("customer", named[0].name, "its name says so")
    ids = [
        column
        for column in facts.values()
        if column.looks_like_id
        and column.distinct < column.rows
        and not _NOT_CUSTOMER.search(column.plain_name)
    ]
    if not ids:
        raise LabError(
            "No column looks like the customer whose purchase a line is.",
            f"Name it: --customer COLUMN. There are: {', '.join(facts)}.",
            key="--customer",
        )
    return Guess("customer", ids[0].name, "it names somebody, and comes back in other lines")


def _time(facts: dict[str, ColumnFacts], answers: Answers) -> Guess:
    if answers.time is not None:
        return Guess("time", find_column(facts, answers.time, "--time").name, SAID)
    times = [column for column in facts.values() if column.is_time]
    if not times:
        raise LabError(
            "No column holds dates or times.",
            "Name the one that says when the purchase was made: --time COLUMN; dates look like 1997-09-30.",
            key="--time",
        )
    if len(times) == 1:
        return Guess("time", times[0].name, "it is the only column of dates or times")
    bought = [column for column in times if _BOUGHT.search(column.plain_name)]
    open_times = [column for column in times if not _OTHER_TIME.search(column.plain_name)]
    found = [column for column in bought if column in open_times] or open_times
    if not found:
        raise LabError(
            f"Which of {', '.join(column.name for column in times)} is the purchase's cannot be told.",
            "Name it: --time COLUMN.",
            key="--time",
        )
    return Guess("time", found[0].name, "by its name it is when the purchase was made")


def _amount(facts: dict[str, ColumnFacts], answers: Answers, taken: set[str]) -> Guess:
    if answers.amount is not None:
        column = find_column(facts, answers.amount, "--amount")
        return Guess("amount", column.name, f"{SAID}{_returns(column)}")
    numbers = [column for column in facts.values() if column.is_number and column.name not in taken]
    named = [column for column in numbers if _AMOUNT.search(column.plain_name)]
    has_quantity = any(_QUANTITY.search(column.plain_name) for column in numbers)
    whole = [column for column in named if not _is_of_a_piece(column, has_quantity)]
    if whole:
        return Guess("amount", whole[0].name, f"its name says so{_returns(whole[0])}")
    if named:
        return Guess(
            "amount",
            "null",
            f"'{named[0].name}' is the price of a piece: add a column of quantity times price for values",
        )
    return Guess("amount", "null", "no column says what was paid, so purchases are counted and not valued")


def _is_of_a_piece(column: ColumnFacts, has_quantity: bool) -> bool:
    name = column.plain_name
    return bool(_PIECE.search(name)) or (has_quantity and name.endswith("price"))


def _returns(column: ColumnFacts) -> str:
    if not column.is_number:
        return ""
    below = int((column.values.to_numpy() < 0).sum())
    return f"; {below:,} lines below 0 are returns, taken off the purchase before" if below else ""


def _scope(days: PurchaseDays) -> tuple[Guess, ...]:
    """The unit of time, the models, and how far ahead, by what the log shows."""
    length = int(np.ptp(days.day)) + 1
    own = np.diff(days.customer) == 0
    gaps = np.diff(days.day)[own]
    typical = float(np.median(gaps)) if len(gaps) else 0.0
    regular = bool(len(gaps)) and float((np.abs(gaps - typical) <= typical / 5).mean()) >= _REGULAR
    if regular:
        unit = min(UNITS, key=lambda name: abs(np.log(UNITS[name] / typical)))
        why = f"most customers pay every {typical:.0f} days"
        models: Sequence[str] = (*_AT_WILL, "beta_geometric")
        of_models = "payments come regularly, so the model of contracts is among them"
    else:
        unit = "day" if length < _SHORT else "month" if length > _LONG else "week"
        why = f"the log has {length:,} days"
        models, of_models = (
            _AT_WILL,
            "customers buy at will; for contracts billed regularly, add beta_geometric",
        )
    horizon = min(_YEAR, length)
    of_horizon = "a year" if horizon == _YEAR else "as long as the log, beyond which nothing is known"
    return (
        Guess("models", flow_list(list(models)), of_models),
        Guess("time_unit", unit, why),
        Guess("horizon_days", str(horizon), of_horizon),
    )


def _text(path: str, guesses: Sequence[Guess], days: PurchaseDays) -> str:
    customer, time, amount, models, unit, horizon = guesses
    first, last = (np.datetime64(int(day), "D") for day in (days.day.min(), days.day.max()))
    paid = "null" if amount.value == "null" else scalar(amount.value)
    size = f"{len(days.ids):,} customers bought on {len(days):,} days from {first} to {last}"
    lines = [
        "# What customers will buy and be worth. Written by `lab new`: every guess says why.",
        "kind: clv",
        commented(
            f"table: {scalar(path)}", f"The file, relative to the project; one row a purchase: {size}."
        ),
        commented(f"customer: {scalar(customer.value)}", f"Whose purchase it is: {customer.why}."),
        commented(f"time: {scalar(time.value)}", f"When: {time.why}."),
        commented(f"amount: {paid}", f"How much, in the project's currency: {amount.why}."),
        commented(f"models: {models.value}", f"Candidates: {models.why}."),
        commented(f"time_unit: {unit.value}", f"Of the models, and of one renewal: {unit.why}."),
        commented(
            "calibration_end: null", "The last day that models see; null keeps the last quarter to judge by."
        ),
        commented(f"horizon_days: {horizon.value}", f"How far ahead customers are valued: {horizon.why}."),
        commented("discount_rate_year: 0.1", "What money in a year is worth less: 0.1 is 10 %."),
    ]
    return "\n".join(lines) + "\n"
