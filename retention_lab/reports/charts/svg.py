"""The few SVG pieces that all charts are made of: elements, a scale, ticks, text that fits."""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

TEXT_SIZE = 12.0


def element(name: str, content: str | Markup = "", /, **attributes: object) -> Markup:
    """One element; all that is not Markup is escaped; `class_` means class, and `_` is written `-`."""
    written = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _short(value))
        for key, value in attributes.items()
    )
    if content == "" and name not in ("svg", "text"):
        return Markup("<{}{}/>").format(Markup(name), written)
    return Markup("<{}{}>{}</{}>").format(Markup(name), written, escape(content), Markup(name))


def drawing(width: float, height: float, label: str, pieces: Sequence[Markup], *, kind: str) -> Markup:
    """The <svg> around the pieces; its label says what it answers, a table beside it gives the figures."""
    return element(
        "svg",
        Markup("").join(pieces),
        class_=kind,
        viewBox=f"0 0 {_short(width)} {_short(height)}",
        role="img",
        aria_label=label,
    )


def text(x: float, y: float, words: str, *, kind: str = "lab", anchor: str = "start") -> Markup:
    """One line of text with its baseline at y."""
    return element("text", words, class_=kind, x=x, y=y, text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """A straight line."""
    return element("line", class_=kind, x1=x1, y1=y1, x2=x2, y2=y2)


@dataclass(frozen=True, slots=True)
class Scale:
    """Data to pixels, straight."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round numbers inside [low, high], about as many as wanted.

    >>> ticks(-1.2, 3.1)
    [-1.0, 0.0, 1.0, 2.0, 3.0]
    """
    rough = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= rough * 0.85)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(k * step, 12) + 0.0 for k in range(first, last + 1)]


def padded(values: Sequence[float], *, share: float = 0.06, zero: bool = True) -> tuple[float, float]:
    """A range that holds all values (and zero), with a little room; never of width 0."""
    low, high = min(values), max(values)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    room = (high - low) * share or max(abs(high), 1.0) * share
    return low - room, high + room


def text_width(words: str, size: float = TEXT_SIZE) -> float:
    """About how wide the text is drawn: wide characters one em, others a little over half."""
    return sum(size * (1.0 if unicodedata.east_asian_width(c) in "WF" else 0.58) for c in words)


def wrap(words: str, width: float, size: float = TEXT_SIZE) -> list[str]:
    """Lines that fit the width: English breaks at spaces, Chinese anywhere."""
    wide = any(unicodedata.east_asian_width(c) in "WF" for c in words)
    pieces = list(words) if wide else words.split(" ")
    gap = "" if wide else " "
    lines = [pieces[0]]
    for piece in pieces[1:]:
        longer = lines[-1] + gap + piece
        if text_width(longer, size) <= width or (wide and piece in "，。：；）"):
            lines[-1] = longer
        else:
            lines.append(piece)
    return lines


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".rstrip("0").rstrip(".") if value else "0"
    return str(value)
