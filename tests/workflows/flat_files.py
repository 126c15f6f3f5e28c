"""A shop's CSV as it really comes: semicolons, decimal commas, a byte order mark, arms 0 and 1."""

from pathlib import Path

import numpy as np

HEADER = "Kundennr;Alter;Umsatz_Vorjahr;Stadt;Gruppe;Gekauft;Umsatz;Seiten"


def write_german_csv(
    file: Path, rows: int = 2000, *, seed: int = 1, columns: int = 8, first: int = 0
) -> Path:
    """Purchases that the offer causes among the older; `Seiten` counts pages seen after it was sent.

    columns: how many of the header's, from the left: 4 are what is known of customers without a test.
    """
    rng = np.random.default_rng(seed)
    arm, age = rng.integers(0, 2, rows), rng.integers(18, 80, rows)
    before = rng.gamma(2.0, 50.0, rows)
    bought = (rng.random(rows) < 0.1 + 0.15 * arm * (age > 40)).astype(int)
    spent = np.where(bought == 1, rng.gamma(2.0, 30.0, rows), 0.0)
    pages = rng.poisson(1.0 + arm)
    city = ("Köln", "Bonn", "Ulm")
    lines = [
        f"K{first + i:06d};{age[i]};{_comma(before[i])};{city[i % 3]};"
        f"{arm[i]};{bought[i]};{_comma(spent[i])};{pages[i]}"
        for i in range(rows)
    ]
    text = "\r\n".join(";".join(line.split(";")[:columns]) for line in [HEADER, *lines])
    file.write_bytes(text.encode("utf-8-sig"))
    return file


def _comma(number: float) -> str:
    return f"{number:.2f}".replace(".", ",")
