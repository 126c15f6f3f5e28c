"""A summary as files: numbers as npz arrays, names as JSON; nothing in them can run."""

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from retention_lab.abtest.histogram import Histogram, from_arrays
from retention_lab.abtest.moments import Moments
from retention_lab.abtest.summary import Cells, Part, Summary
from retention_lab.errors import LabError

NAMES, NUMBERS = "summary.json", "summary.npz"
FORMAT = 1
_SEGMENT = "segment:"
_COUNTS = ("count", "missing")  # (m,) of a metric's moments
_CELLS = ("arm", "day", "level", "units")


def to_files(summary: Summary) -> dict[str, bytes]:
    """Two files, which `from_files` reads back to the last bit."""
    arrays: dict[str, np.ndarray] = {}
    parts = {"main": summary.main, **{f"{_SEGMENT}{name}": part for name, part in summary.segments.items()}}
    if summary.clusters is not None:
        parts["clusters"] = summary.clusters
    about: dict[str, Any] = {
        "format": FORMAT,
        "arms": summary.arms,
        "caps": dict(summary.caps),
        "edges": summary.edges,
        "parts": {name: _describe(i, part, arrays) for i, (name, part) in enumerate(parts.items())},
        "histograms": {
            name: [one is not None for one in found] for name, found in summary.histograms.items()
        },
    }
    if summary.waiting is not None:
        arrays["waiting"] = summary.waiting
    for i, found in enumerate(summary.histograms.values()):
        for k, one in enumerate(found):
            if one is not None:
                arrays |= {f"h{i}.{k}.{key}": value for key, value in one.to_arrays().items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]  # names never meet its own keyword
    return {NAMES: json.dumps(about, ensure_ascii=False).encode(), NUMBERS: buffer.getvalue()}


def from_files(files: Mapping[str, bytes]) -> Summary:
    """The summary that `to_files` wrote. Raises LabError for another format."""
    about = json.loads(files[NAMES])
    if about.get("format") != FORMAT:
        raise LabError(
            f"The stored statistics have format {about.get('format')}.", "Summarise all days again."
        )
    with np.load(io.BytesIO(files[NUMBERS]), allow_pickle=False) as arrays:
        parts = {
            name: _part(i, described, arrays) for i, (name, described) in enumerate(about["parts"].items())
        }
        segments = {
            name.removeprefix(_SEGMENT): part for name, part in parts.items() if name.startswith(_SEGMENT)
        }
        histograms = {
            name: tuple(_histogram(f"h{i}.{k}.", arrays) if there else None for k, there in enumerate(found))
            for i, (name, found) in enumerate(about["histograms"].items())
        }
        return Summary(
            tuple(about["arms"]),
            parts["main"],
            segments,
            parts.get("clusters"),
            arrays.get("waiting"),
            histograms,
            {name: float(value) for name, value in about["caps"].items()},
            tuple(float(edge) for edge in about["edges"]),
        )


def _describe(i: int, part: Part, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """One array of whole numbers and one of others: many small ones would be slow to read."""
    cells, moments = part.cells, part.moments.values()
    whole = [getattr(cells, name) for name in _CELLS]
    whole += [getattr(one, name) for one in moments for name in _COUNTS]
    arrays[f"counts{i}"] = np.array(whole, dtype=np.int64)
    numbers = [x for one in moments for x in (one.centre, one.total, one.product, one.third, one.fourth)]
    arrays[f"numbers{i}"] = np.concatenate([np.zeros(0), *(x.ravel() for x in numbers)])
    sizes = {name: len(one.centre) for name, one in part.moments.items()}
    return {"days": part.days, "levels": part.levels, "metrics": sizes}


def _part(i: int, described: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Part:
    counts, numbers = arrays[f"counts{i}"], arrays[f"numbers{i}"]
    m, at, moments = counts.shape[1], 0, {}
    for j, (metric, p) in enumerate(described["metrics"].items()):
        found = []
        for shape in ((p,), (m, p), (m, p, p), (m,), (m,)):
            size = int(np.prod(shape))
            found.append(numbers[at : at + size].reshape(shape))
            at += size
        centre, total, product, third, fourth = found
        count, missing = counts[len(_CELLS) + 2 * j : len(_CELLS) + 2 * j + 2]
        moments[metric] = Moments(centre, count, total, product, third, fourth, missing)
    return Part(tuple(described["days"]), tuple(described["levels"]), Cells(*counts[: len(_CELLS)]), moments)


def _histogram(prefix: str, arrays: Mapping[str, np.ndarray]) -> Histogram:
    return from_arrays({name: arrays[prefix + name] for name in ("keys", "counts", "exact", "centre")})
