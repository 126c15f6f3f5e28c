"""One catalogue of what pages say: every text in English and Simplified Chinese, side by side.

A new page brings a file of pairs and one line in `_PARTS`.
"""

from dataclasses import dataclass

from markupsafe import Markup

from retention_lab.reports.numbers import Language
from retention_lab.reports.words import (
    campaign,
    churn,
    clv,
    common,
    customers,
    demand,
    experiment,
    experiment_checks,
    feedback,
    model,
    recommend,
    rules,
    segments,
    understanding,
)

_PARTS = (
    *(common.TEXTS, campaign.TEXTS, model.TEXTS, understanding.TEXTS, churn.TEXTS, clv.TEXTS),
    *(experiment.TEXTS, experiment_checks.TEXTS),
    *(customers.TEXTS, segments.TEXTS, recommend.TEXTS, rules.TEXTS, feedback.TEXTS, demand.TEXTS),
)


def _side(index: int) -> dict[str, str]:
    texts: dict[str, str] = {}
    for part in _PARTS:
        twice = texts.keys() & part.keys()
        if twice:
            raise ValueError(f"Texts with one key in two files: {sorted(twice)}")
        texts |= {key: pair[index] for key, pair in part.items()}
    return texts


CATALOGUE: dict[Language, dict[str, str]] = {"en": _side(0), "zh-CN": _side(1)}


@dataclass(frozen=True, slots=True)
class Words:
    """The catalogue in one language. Texts are ours and may hold <b>; what is put into them is escaped."""

    language: Language

    def __call__(self, key: str, **values: object) -> Markup:
        """The text with its values; a key that is not in the catalogue is a fault of the page (KeyError)."""
        return Markup(CATALOGUE[self.language][key]).format(**values)

    def plain(self, key: str, **values: object) -> str:
        """The text for places that escape for themselves (attributes and SVG); it holds no markup."""
        return CATALOGUE[self.language][key].format(**values)

    def knows(self, key: str) -> bool:
        """Whether there is a text of that key."""
        return key in CATALOGUE[self.language]

    def known(self, prefix: str, name: str) -> str:
        """The words for a name from elsewhere, or the name itself; what follows its first dot is kept.

        >>> Words("en").known("check", "G1.coupon_10")
        'Better than the same choice for all · coupon_10'
        """
        texts = CATALOGUE[self.language]
        head, _, rest = name.partition(".")
        if f"{prefix}.{name}" in texts or f"{prefix}.{head}" not in texts:
            return texts.get(f"{prefix}.{name}", name)
        return f"{texts[f'{prefix}.{head}']} · {rest}"
