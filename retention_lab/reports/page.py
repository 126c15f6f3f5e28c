"""The frame of every page: one file, no script, no request; whatever is put in is escaped."""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from retention_lab.errors import LabError
from retention_lab.reports.numbers import Language
from retention_lab.reports.words import Words

MOST_BYTES = 300_000
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), "�")
_TEMPLATES = Path(__file__).parent / "templates"


def render_page(template: str, language: Language, values: Mapping[str, object]) -> str:
    """Fill `templates/<template>`, which extends page.html; `words`, the style and its policy are added.

    Raises LabError where the page is larger than 300 kB, which a phone should not be made to load.
    """
    style = _style()
    html = (
        _environment()
        .get_template(template)
        .render(
            language=language,
            words=Words(language),
            style=Markup(style),
            policy=content_policy(style),
            **values,
        )
    )
    html = _readable(html)
    size = len(html.encode())
    if size > MOST_BYTES:
        raise LabError(
            f"The page would be {size:,} bytes; {MOST_BYTES:,} is the most that every reader can open.",
            "Show fewer offers, points of a curve or checks.",
        )
    return html


def content_policy(style: str) -> str:
    """Nothing may be loaded or run; only this very style is let in, by its hash."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _readable(html: str) -> str:
    """Without what no browser can show: control characters and halves of surrogate pairs in names."""
    return html.translate(_CONTROLS).encode("utf-8", "replace").decode()


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> str:
    return (_TEMPLATES / "style.css").read_text(encoding="utf-8")
