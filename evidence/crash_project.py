"""A small project in which every command can be interrupted: a flat randomised test and a campaign on it."""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np

MODEL, CAMPAIGN = "mail", "spring"
ROWS, AUDIENCE = 4_000, 2_000

_LAB = "name: shop\ncurrency: EUR\ntimezone: UTC\n"
_MODEL = """\
kind: uplift
table: data/shop.csv
id: id
treatment: {column: arm, control: none}
outcomes: {bought: binary, spend: money}
primary: spend
learners: [LEARNERS]
value: {outcome: spend, per_unit: 0.3, cost: {mail: 0.5}}
"""
_CAMPAIGN = """\
kind: campaign
audience: {table: data/next.csv, id: id}
offers: {mail: {cost_per_contact: 0.5}}
policy: {uplift: mail@champion}
budget: 300
horizon_days: 30
holdout: 0.1
exploration: 0.1
"""


def write_project(folder: Path, *, rows: int = ROWS, learners: str = "constant, t") -> None:
    """Write lab.yaml, a model's and a campaign's definition, and their tables; nothing is trained yet."""
    rng = np.random.default_rng(1)
    age, visits, arm = rng.integers(18, 80, rows), rng.poisson(3, rows), rng.integers(0, 2, rows)
    bought = (rng.uniform(size=rows) < 0.1 + 0.35 * arm * (age < 50)).astype(int)
    spend = np.where(bought == 1, rng.gamma(4, 5, rows), 0.0)
    shop = [
        f"c{i},{age[i]},{visits[i]},{('none', 'mail')[arm[i]]},{bought[i]},{spend[i]:.2f}"
        for i in range(rows)
    ]
    following = [f"n{i},{rng.integers(18, 80)},{rng.poisson(3)}" for i in range(AUDIENCE)]
    files = {
        "lab.yaml": _LAB,
        f"experiments/{MODEL}.yaml": _MODEL.replace("LEARNERS", learners),
        f"campaigns/{CAMPAIGN}.yaml": _CAMPAIGN,
        "data/shop.csv": "\n".join(["id,age,visits,arm,bought,spend", *shop, ""]),
        "data/next.csv": "\n".join(["id,age,visits", *following, ""]),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def make_export_older(folder: Path) -> None:
    """Take the last customer out of the send file, and let its manifest agree: an export of another day."""
    (manifest,) = (folder / "campaigns" / CAMPAIGN / "send").glob("*.manifest.json")
    send = manifest.with_name(manifest.name.replace(".manifest.json", ".csv"))
    send.write_bytes(b"".join(send.read_bytes().splitlines(keepends=True)[:-1]))
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    facts["rows"] -= 1
    facts["files"][0] |= {"rows": facts["rows"], "sha256": sha256(send.read_bytes()).hexdigest()}
    manifest.write_text(json.dumps(facts), encoding="utf-8")
