"""Two hundred small sets of random spells for the other software: random_spells.csv, random_sets.csv.

python tests/reference/make_random_spells.py
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
TOLERANCE = float(np.sqrt(np.finfo(float).eps))  # R's: times closer than this are one time
FLOATS = np.ndarray
Row = dict[str, object]
Set = dict[str, FLOATS]


def text(value: float) -> str:
    """The same double comes back: whole numbers plain, others with 17 significant digits."""
    return str(int(value)) if float(value).is_integer() else f"{value:.17g}"


def size(rng: np.random.Generator, low: int = 4, high: int = 36) -> int:
    """Mostly small; one set in twelve has up to 80 rows."""
    return int(rng.integers(40, 81) if rng.random() < 1 / 12 else rng.integers(low, high))


def ties(rng: np.random.Generator, n: int) -> FLOATS:
    return rng.integers(0, 7, n).astype(float)


def days(rng: np.random.Generator, n: int) -> FLOATS:
    return 1 + np.floor(rng.exponential(40, n))


def continuous(rng: np.random.Generator, n: int) -> FLOATS:
    return rng.weibull(rng.choice([0.7, 1.0, 1.6]), n) * rng.choice([1.0, 12.0, 365.0])


def near(rng: np.random.Generator, n: int) -> FLOATS:
    """A few values, and values beside them: some R takes for the same time, some it does not."""
    scale = rng.choice([1e-3, 1.0, 1.0, 100.0])
    few = np.unique(rng.integers(1, 12, 5)) * rng.choice([0.1, 0.75, 1 / 3])
    apart = 10.0 ** -rng.integers(9, 18, n) * rng.integers(0, 3, n)
    far = rng.random(n) < 0.2  # beyond the tolerance at every scale but the smallest
    apart = np.where(far, 10.0 ** -rng.integers(5, 7, n), apart)
    return scale * rng.choice(few, n) * (1 + apart)


def clear(values: FLOATS) -> bool:
    """No two neighbouring times are near the tolerance itself, on either side of it."""
    times = np.unique(values)
    gaps = np.diff(times)
    least = np.minimum(gaps, gaps / np.abs(times).mean())
    return not np.any((least > TOLERANCE / 4) & (least < TOLERANCE * 4))


def base(rng: np.random.Generator, n: int, duration: FLOATS) -> Set:
    groups, strata = int(rng.integers(2, 5)), int(rng.integers(1, 5))
    reasons = int(rng.integers(1, 4))
    return {
        "duration": duration,
        "event": (rng.random(n) < rng.choice([0.4, 0.6, 0.85])).astype(int),
        "reason": rng.integers(0, reasons, n),
        "plan": rng.integers(1, groups + 1, n),
        "region": rng.integers(1, strata + 1, n),
    }


def plain(draw: Callable[[np.random.Generator, int], FLOATS]) -> Callable[..., Set]:
    def make(rng: np.random.Generator, number: int) -> Set:
        n = size(rng)
        return base(rng, n, draw(rng, n))

    return make


def late(rng: np.random.Generator, number: int) -> Set:
    """At risk in (entry, duration]; every third set has moments with nobody at risk."""
    n = size(rng, 8)
    whole = number % 2 == 0
    entry = np.where(
        rng.random(n) < 0.3, 0.0, rng.integers(0, 9, n) + (0 if whole else rng.random(n))
    )
    stay = 1.0 + rng.integers(0, 8, n) if whole else 0.05 + rng.exponential(4, n)
    rows = base(rng, n, entry + stay)
    if number % 3 == 0:  # two or three batches, each over before the next one comes
        batch = rng.integers(0, 2 + number % 2, n)
        entry = 10.0 * batch + entry % 3
        rows["duration"] = entry + 0.5 + np.minimum(stay, 6)
        last = np.array([np.flatnonzero(batch == b)[np.argmax(rows["duration"][batch == b])]
                         for b in np.unique(batch)])  # fmt: skip
        rows["event"][last] = number % 6 == 3  # ends with an event (the curve is 0) or censored
    return {**rows, "entry": entry}


def whole_weights(rng: np.random.Generator, number: int) -> Set:
    n = size(rng)
    draw = (ties, days, continuous)[number % 3]
    return {**base(rng, n, draw(rng, n)), "weight": rng.integers(1, 5, n)}


def customers(rng: np.random.Generator, n: int) -> FLOATS:
    return rng.integers(1, max(3, n // 2) + 1, n)


def clustered(rng: np.random.Generator, number: int) -> Set:
    """Weights in quarters, customers with several spells, or both."""
    n = size(rng, 6)
    rows = base(rng, n, (ties, days, continuous)[number % 3](rng, n))
    kind = number // 3 % 4
    if kind != 0:
        rows["weight"] = rng.integers(1, 10, n) / 4
    if kind != 1:
        rows["customer"] = customers(rng, n)
    return rows


def tiny(rng: np.random.Generator, number: int) -> Set:
    """Groups of one to three rows, groups without events, all events at one time."""
    groups = int(rng.integers(2, 5))
    plan = np.repeat(np.arange(1, groups + 1), rng.integers(1, 4, groups))
    if len(plan) < 4:
        plan = np.array([1, 1, 2, 2])
    n = len(plan)
    rows = {**base(rng, n, rng.integers(1, 6, n).astype(float)), "plan": plan}
    kind = number % 5
    if kind == 0:
        rows["event"][plan == 1] = 0
    elif kind == 1:
        rows["event"] = (rows["duration"] == rows["duration"][rng.integers(n)]).astype(int)
    elif kind == 2:
        rows["event"][np.argmax(rows["duration"])] = 1
    elif kind == 3:
        rows["event"] = (np.arange(n) == rng.integers(n)).astype(int)
    return rows


def mixed(rng: np.random.Generator, number: int) -> Set:
    """Several at once: late entries, near-ties, weights, customers."""
    n = size(rng, 10)
    duration = (near, ties, days, continuous)[number % 4](rng, n)
    rows = base(rng, n, duration)
    if number % 4 == 0:  # entries beside the end of another spell: the same time or not
        entry = rng.choice(duration, n) * (1 + 10.0 ** -rng.integers(9, 13, n))
        rows["entry"] = np.where((rng.random(n) < 0.6) & (entry < duration * 0.999), entry, 0)
    else:
        entry = np.floor(rng.random(n) * (duration + (number % 4 == 1)))
        rows["duration"] = duration + 1
        rows["entry"] = np.where(rng.random(n) < 0.6, entry, 0)
    if number % 3 != 2:
        rows["weight"] = rng.integers(1, 10, n) / 4 if number % 3 else rng.integers(1, 5, n)
    if number % 2 == 0:
        rows["customer"] = customers(rng, n)
    return rows


FAMILIES: dict[str, tuple[int, Callable[..., Set]]] = {
    "ties": (22, plain(ties)),
    "days": (22, plain(days)),
    "continuous": (22, plain(continuous)),
    "near": (22, plain(near)),
    "late": (24, late),
    "whole": (22, whole_weights),
    "clustered": (24, clustered),
    "tiny": (20, tiny),
    "mixed": (22, mixed),
}


def usable(rows: Set) -> bool:
    """R can answer: an event, two groups, times neither on the tolerance nor the same as entry."""
    duration, entry = rows["duration"], rows.get("entry", np.zeros(0))
    if rows["event"].sum() == 0 or len(np.unique(rows["plan"])) < 2 or len(np.unique(duration)) < 2:
        return False
    if not clear(np.concatenate([duration, entry])):
        return False
    return len(entry) == 0 or bool(np.all(duration - entry > 1e-4 * np.abs(duration).mean()))


def written(number: int, rows: Set) -> list[Row]:
    table = []
    for i in range(len(rows["duration"])):
        event = int(rows["event"][i])
        table.append({
            "set": number,
            "duration": text(rows["duration"][i]),
            "event": event,
            "reason": "abc"[rows["reason"][i]] if event else "",
            "entry": text(rows["entry"][i]) if "entry" in rows else "",
            "weight": text(rows["weight"][i]) if "weight" in rows else "",
            "customer": f"c{rows['customer'][i]}" if "customer" in rows else "",
            "plan": f"p{rows['plan'][i]}",
            "region": int(rows["region"][i]),
        })  # fmt: skip
    return table


def described(number: int, family: str, rows: Set) -> Row:
    weight = rows.get("weight")
    kind = "none" if weight is None else "quarters"
    if weight is not None and np.all(weight == np.floor(weight)):
        kind = "whole"
    return {
        "set": number,
        "family": family,
        "rows": len(rows["duration"]),
        "entry": int("entry" in rows),
        "weight": kind,
        "customer": int("customer" in rows),
        "groups": len(np.unique(rows["plan"])),
        "regions": len(np.unique(rows["region"])),
    }


def write(name: str, table: list[Row]) -> None:
    with (FOLDER / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(table[0]), lineterminator="\n")
        out.writeheader()
        out.writerows(table)


def main() -> None:
    rng = np.random.default_rng(20240601)
    spells, sets, number = [], [], 0
    for family, (times, make) in FAMILIES.items():
        for k in range(times):
            number += 1
            rows = make(rng, k)
            while not usable(rows):
                rows = make(rng, k)
            spells += written(number, rows)
            sets.append(described(number, family, rows))
    write("random_spells", spells)
    write("random_sets", sets)


if __name__ == "__main__":
    main()
