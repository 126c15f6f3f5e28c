"""Read a page as a browser would: its elements, its text, its tables."""

from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "input", "hr", "line", "rect", "circle", "polyline", "polygon"}


class Page(HTMLParser):
    """Tags with attributes in order, visible text by piece, and the text of every table row."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.pieces: list[str] = []
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()
        if tag not in ("span", "b"):
            self.pieces.append(" ")

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.pieces.append(data)
        if ("td" in self.open or "th" in self.open) and self.rows:
            self.rows[-1][-1] += data

    @property
    def text(self) -> str:
        """All text with single spaces."""
        return " ".join("".join(self.pieces).split())

    def row(self, name: str) -> list[str]:
        """The first table row that starts with the name; cells with single spaces."""
        for row in self.rows:
            cells = [" ".join(cell.split(" ")).strip() for cell in row]
            if cells and cells[0] == name:
                return cells
        raise AssertionError(f"no row {name!r}")


def words_of(html: str) -> str:
    """The text of a page."""
    return Page(html).text
