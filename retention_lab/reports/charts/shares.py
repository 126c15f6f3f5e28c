"""One stacked bar of shares that come to the whole."""

from collections.abc import Sequence

from markupsafe import Markup

from retention_lab.errors import LabError
from retention_lab.reports.charts.svg import drawing, element, text, text_width


def share_bar(
    title: str, parts: Sequence[tuple[str, float, str]], *, width: float = 896, kind: str = "wide"
) -> Markup:
    """Parts as (class, share of 1, written); a part too small for its figure shows it in the key below only.

    Raises LabError where the shares do not come to 1 (within 1e-6) or one is negative.
    """
    total = sum(share for _, share, _ in parts)
    if abs(total - 1) > 1e-6 or any(share < 0 for _, share, _ in parts):
        raise LabError(
            f"The shares of the groups come to {total:.6g} instead of 1.",
            "Give every group its share of the same customers.",
        )
    pieces: list[Markup] = []
    x = 0.0
    for name, share, written in parts:
        wide = share * width
        if wide > 2:
            pieces.append(element("rect", class_=f"fill-{name}", x=x, y=0, width=wide - 2, height=32, rx=3))
        if wide > text_width(written) + 14:
            pieces.append(text(x + wide / 2 - 1, 21, written, kind=f"on-{name}", anchor="middle"))
        x += wide
    return drawing(width, 32, title, pieces, kind=kind)
