"""A churn page with every part."""

from retention_lab.checks import check
from retention_lab.churn.tiers import TierMoney
from retention_lab.estimate import Estimate, normal_estimate
from retention_lab.reports.churn import ChurnCandidate, ChurnDriver, ChurnPage, Survival
from retention_lab.reports.parts import Origin

CHECKS = (
    check("both_labels", "hard", True, 0.26, None, "1869 of 7043 rows left (26.5%)."),
    check("suspected_leak", "soft", True, 0.74, 0.98, "'tenure' alone has an AUC of 0.740."),
)


def churn() -> ChurnPage:
    """What a training on some thousand customers might have found."""
    shares = [k / 20 for k in range(1, 21)]
    return ChurnPage(
        name="leave",
        version="3",
        winner="blend",
        checks=CHECKS,
        currency="EUR",
        min_cell=20,
        profit=normal_estimate(10.18, 0.3),
        everybody=normal_estimate(6.78, 0.3),
        rows_trained=4930,
        rows_held_out=2113,
        held_out_uses=2,
        left=0.265,
        calibrated="platt",
        horizon_days=90,
        candidates=tuple(
            ChurnCandidate(
                name,
                (("profit", normal_estimate(profit, 0.3)), ("auc", normal_estimate(auc, 0.01)), ("f1", f1)),
            )
            for name, profit, auc, f1 in (
                ("blend", 10.18, 0.85, normal_estimate(0.6, 0.01)),
                ("tree", 9.7, 0.82, None),
            )
        ),
        roc=tuple((share, share**0.4) for share in (0.0, *shares)),
        gain=tuple(
            (s, Estimate(s**0.5, 0.0, s**0.5 - 0.02 * (1 - s), min(1, s**0.5 + 0.02))) for s in shares
        ),
        calibration=tuple((p, normal_estimate(p + 0.01, 0.015)) for p in (0.02, 0.1, 0.3, 0.5, 0.7)),
        tiers=(
            TierMoney("high", 324, 0.69, 0.67, 237_013.0, normal_estimate(227_787.0, 9_000.0)),
            TierMoney("medium", 333, 0.44, 0.42, 134_772.0, normal_estimate(127_528.0, 8_500.0)),
            TierMoney("low", 1, 0.11, 0.0, 103.0, None),
        ),
        drivers=(ChurnDriver("Contract", "other", 0.6), ChurnDriver("MonthlyCharges", "price", 0.3)),
        survival=Survival(
            tuple(Estimate(0.9**k, 0.01, 0.9**k - 0.02, min(1.0, 0.9**k + 0.02)) for k in range(5)),
            (("high", (1.0, 0.6, 0.4, 0.2, 0.1)), ("low", (1.0, 0.97, 0.95, 0.93, 0.9))),
        ),
        origin=Origin(model="leave", run_id="0123"),
    )
