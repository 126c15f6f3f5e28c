"""See what causalml was given, and what it would predict itself."""

from typing import Any

import pytest


def fitted_by_causalml(monkeypatch: pytest.MonkeyPatch, owner: type) -> list[Any]:
    """The objects of the class that are fitted from here on; positional arguments are refused."""
    seen: list[Any] = []
    original: Any = owner.fit  # type: ignore[attr-defined]

    def fit(self: Any, *args: Any, **named: Any) -> Any:
        assert not args, "causalml's positional order differs between learners"
        seen.append(self)
        return original(self, *args, **named)

    monkeypatch.setattr(owner, "fit", fit)
    return seen
