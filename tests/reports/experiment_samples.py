"""A report of an A/B test with every part filled, for the tests of pages; the figures are made up."""

import math
from datetime import date, timedelta

from retention_lab.checks import check
from retention_lab.reports.experiment import (
    Arm,
    Checked,
    Course,
    ExperimentReport,
    Interaction,
    Measure,
    Plan,
    Point,
    Range,
    Result,
    Segment,
)
from retention_lab.reports.parts import Origin

KEPT = Measure("kept", "share", "primary")
SPEND = Measure("spend", "money")
COMPLAINTS = Measure("complaints", "share", "guardrail", higher_is_better=False)
RATING = Measure("rating", "number", "diagnostic")
SLOW = Measure("p90 seconds", "number", "secondary", higher_is_better=False)

PASSED = (
    Checked(
        check("sample_ratio", "hard", True, 0.41, 0.001),
        "sample_ratio",
        {"observed": {"today": 12_010, "coupon": 11_990}, "planned": {"today": 12_000.0, "coupon": 12_000.0}},
    ),
    Checked(
        check("sample_ratio_by_day", "hard", True, 1.0, 0.001, "No day shows it."),
        "sample_ratio_by_day",
        {"since": ""},
    ),
    Checked(check("before_history", "soft", True, 0.3, 0.01), "before", {"covariate": "history"}),
    Checked(
        check("outliers_spend", "soft", True, 0.1, 0.5),
        "outliers",
        {"metric": "spend", "arm": "coupon", "share": 0.1},
    ),
    Checked(
        check("skewed_small_arm_spend", "soft", True, 0.02, 0.4),
        "skewed_small_arm",
        {"metric": "spend", "arm": "coupon", "units": 11_990.0},
    ),
    Checked(check("unique_units", "hard", None), "unique_units"),
)
LOST = Checked(
    check("sample_ratio", "hard", False, 1.2e-7, 0.001, "Units are lost."),
    "sample_ratio",
    {"observed": {"today": 12_010, "coupon": 11_200}, "planned": {"today": 11_605.0, "coupon": 11_605.0}},
)


def around(value: float, half: float) -> Range:
    """An interval of the same length on both sides."""
    return Range(value, value - half, value + half)


def better(measure: Measure = KEPT, arm: str = "coupon") -> Result:
    """A goal that is reached."""
    return Result(
        measure,
        arm,
        "better",
        (8_990, 9_010),
        mean_arm=0.171,
        mean_control=0.139,
        effect=around(0.032, 0.015),
        relative=Range(0.23, 0.11, 0.36),
        p_value=0.0004,
        p_value_adjusted=0.0016,
        variance_reduction=0.12,
    )


def guardrail(state: str = "within") -> Result:
    """A guardrail with a margin of half a point."""
    return Result(
        COMPLAINTS,
        "coupon",
        state,  # type: ignore[arg-type]  # one of the two words
        (8_990, 9_010),
        mean_arm=0.0201,
        mean_control=0.02,
        effect=around(0.0001, 0.004),
        relative=around(0.005, 0.2),
        margin=0.005,
        p_value=0.006,
    )


def experiment() -> ExperimentReport:
    """A test that found a better arm, with every part."""
    return ExperimentReport(
        name="coupon-test",
        arms=(Arm("today", 12_010, 0.5), Arm("coupon", 11_990, 0.5)),
        cause="better",
        shipped="coupon",
        checks=PASSED,
        results=(
            better(),
            Result(
                SPEND,
                "coupon",
                "open",
                (8_990, 9_010),
                mean_arm=10.3,
                mean_control=10.1,
                effect=around(0.2, 0.9),
                p_value=0.66,
                p_value_adjusted=0.66,
            ),
            Result(SLOW, "coupon", "unknown", (8_990, 9_010), reason="quantile_looks"),
            guardrail(),
            Result(
                RATING,
                "coupon",
                "open",
                (6_100, 6_200),
                mean_arm=4.0,
                mean_control=3.98,
                effect=around(0.02, 0.03),
                relative=around(0.005, 0.0075),
                p_value=0.2,
            ),
        ),
        plan=Plan("always_valid", 12_000, 8_990),
        currency="EUR",
        corrected=2,
        segments=(
            Segment(
                "city",
                (("Köln", better()), ("Bonn", better())),
                (Interaction("kept", "coupon", 0.4),),
                small=2,
                rest=3,
            ),
        ),
        interactions=1,
        courses=(course(),),
        first_day=date(2026, 3, 2),
        last_day=date(2026, 3, 29),
        window_days=7,
        waiting=6_010,
        cut=("spend",),
        origin=Origin(experiment="coupon-test", run_id="8d21e0", data_as_of=date(2026, 3, 29)),
    )


def course(measure: Measure = KEPT, days: int = 20, arm: str = "coupon") -> Course:
    """An effect that becomes known, and is the same every day."""
    first = date(2026, 3, 9)
    looks, periods = [], []
    for k in range(days):
        day = first + timedelta(days=k)
        looks.append(Point(day, day, 900 * (k + 1), around(0.032, 0.08 / math.sqrt(k + 1))))
        periods.append(Point(day, day, 900, around(0.032 + 0.01 * (-1) ** k, 0.06)))
    return Course(measure, arm, tuple(looks), tuple(periods))
