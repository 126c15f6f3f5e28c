"""Keep labels apart from each other and off the lines: boxes, and the first free place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from markupsafe import Markup

from retention_lab.reports.charts.svg import TEXT_SIZE, text, text_width

_HEIGHTS = (22, -14, 38, -30, 54, -46, 70, -62, 86)
_SIDES = (0, 60, -60, 120, -120)


@dataclass(frozen=True, slots=True)
class Box:
    """Where something is drawn."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Whether the two overlap."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def inside(self, frame: "Box") -> bool:
        """Whether it lies wholly in the frame."""
        across = self.left >= frame.left and self.right <= frame.right
        return across and self.top >= frame.top and self.bottom <= frame.bottom


@dataclass(slots=True)
class Taken:
    """The places that are already drawn upon, within a frame."""

    frame: Box
    boxes: list[Box] = field(default_factory=list)

    def add_dot(self, x: float, y: float) -> None:
        """A point of the chart."""
        self.boxes.append(Box(x - 7, y - 7, x + 7, y + 7))

    def add_line(self, path: Iterable[tuple[float, float]]) -> None:
        """A line, as small boxes along it."""
        for (x0, y0), (x1, y1) in pairwise(path):
            parts = max(1, int(max(abs(x1 - x0), abs(y1 - y0)) / 6))
            for k in range(parts + 1):
                x, y = x0 + (x1 - x0) * k / parts, y0 + (y1 - y0) * k / parts
                self.boxes.append(Box(x - 1, y - 1, x + 1, y + 1))

    def place(self, anchors: Sequence[tuple[float, float]], words: str, kind: str) -> Markup:
        """The label at the first free place near one of its points, else where it meets the least."""
        places = self._places(anchors, words)
        inside = [place for place in places if place[2].inside(self.frame)] or places
        free = next((place for place in inside if not self._meetings(place[2])), None)
        middle, baseline, box = free or min(inside, key=lambda place: self._meetings(place[2]))
        self.boxes.append(box)
        return text(middle, baseline, words, kind=kind, anchor="middle")

    def _meetings(self, box: Box) -> int:
        return sum(box.meets(other) for other in self.boxes)

    def _places(self, anchors: Sequence[tuple[float, float]], words: str) -> list[tuple[float, float, Box]]:
        half = text_width(words) / 2
        places = []
        for dy in _HEIGHTS:
            for x, y in anchors:
                for dx in _SIDES:
                    middle = min(max(x + dx, self.frame.left + half + 4), self.frame.right - half - 4)
                    places.append((middle, y + dy, label_box(middle, y + dy, words)))
        return places


def label_box(middle: float, baseline: float, words: str) -> Box:
    """The box of a line of text centred on `middle`."""
    half = text_width(words) / 2
    return Box(middle - half - 2, baseline - TEXT_SIZE, middle + half + 2, baseline + 4)
