"""Names and cities re-identified by how often they occur: ``python tests/benchmarks/attack_frequency.py``.

A million rows of first names and of cities are drawn with the frequencies that they have in the United States,
and masked. The attacker sees the masked column alone, orders its values by their number of rows, and takes the value
of each rank for the word of that rank in a list of frequencies. Once the list is public statistics, and once the
column's own, as somebody has it who has seen an earlier copy. What counts is the share of rows that are named right.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
import polars as pl
from faker.providers.person.en_US import Provider

from datamask.catalog.model import ColumnType
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get

ROWS = 1_000_000
KEYS = 5
TEXT = ColumnType("text", "text", "text")

# Thousands of inhabitants by the census of 2020 (U.S. Census Bureau).
CITIES = {
    "New York": 8804, "Los Angeles": 3899, "Chicago": 2746, "Houston": 2305, "Phoenix": 1608, "Philadelphia": 1604,
    "San Antonio": 1435, "San Diego": 1387, "Dallas": 1304, "San Jose": 1013, "Austin": 962, "Jacksonville": 950,
    "Fort Worth": 919, "Columbus": 906, "Indianapolis": 888, "Charlotte": 875, "San Francisco": 874, "Seattle": 737,
    "Denver": 716, "Washington": 690, "Nashville": 689, "Oklahoma City": 681, "El Paso": 679, "Boston": 676,
    "Portland": 653, "Las Vegas": 642, "Detroit": 639, "Memphis": 633, "Louisville": 633, "Baltimore": 586,
    "Milwaukee": 577, "Albuquerque": 565, "Tucson": 543, "Fresno": 542, "Sacramento": 525, "Kansas City": 508,
    "Mesa": 504, "Atlanta": 499, "Omaha": 486, "Colorado Springs": 479, "Raleigh": 468, "Long Beach": 467,
    "Virginia Beach": 459, "Miami": 442, "Oakland": 441, "Minneapolis": 430, "Tulsa": 413, "Tampa": 385,
    "Arlington": 394, "New Orleans": 384,
}  # fmt: skip

# What masks a column; `by` gives each of the rows a result of its own.
WAYS: dict[str, list[tuple[str, str, dict[str, object]]]] = {
    "first names": [
        ("hash", "a bijection: hash", {}),
        ("first_name", "a pool of 690 names", {}),
        ("first_name", "a pool of 215 names", {"locale": "fr_FR"}),
        ("first_name", "a pool of 1,983 names", {"locale": "de_DE"}),
        ("first_name", "by the person's id", {"by": "id"}),
        ("full_name", "a first and a last name", {}),
    ],
    "cities": [
        ("hash", "a bijection: hash", {}),
        ("city", "a pool of 2,048 cities", {}),
        ("city", "a pool of 163 cities", {"locale": "es_ES"}),
        ("place", "place, by the city", {"part": "city", "address": ["value"]}),
        ("place", "place, by the person's id", {"part": "city", "by": "id"}),
    ],
}


def frequencies() -> dict[str, dict[str, float]]:
    """Words with their public frequencies."""
    names = {**Provider.first_names_female}
    for name, weight in Provider.first_names_male.items():
        names[name] = names.get(name, 0.0) + weight
    return {"first names": names, "cities": {name: float(size) for name, size in CITIES.items()}}


def drawn(listed: dict[str, float], seed: int) -> pl.Series:
    """Rows with those frequencies."""
    weights = np.array(list(listed.values()))
    places = np.random.default_rng(seed).choice(len(weights), ROWS, p=weights / weights.sum())
    return pl.Series(list(listed), dtype=pl.String).gather(places)


def ranked(values: pl.Series) -> list[str]:
    """The values, the most frequent first."""
    counts = values.value_counts(name="rows").sort(["rows", values.name], descending=[True, False])
    return counts[values.name].to_list()


def matched(masked: pl.Series, known: Sequence[str]) -> pl.Series:
    """The attacker's guess for every row; null beyond the end of the list."""
    guesses = dict(zip(ranked(masked.alias("value")), known, strict=False))
    return masked.replace_strict(guesses, default=None, return_dtype=pl.String)


def attack(
    original: pl.Series, way: tuple[str, str, dict[str, object]], public: list[str], key: int
) -> list[float]:
    """The shares of rows named right, with public frequencies and with the column's own."""
    transform, _, params = way
    checked = get(transform).validate(params)  # type: ignore[arg-type]
    frame = pl.DataFrame({"value": original, "id": pl.Series(range(ROWS)).cast(pl.String)})
    mask = ColumnMask("value", transform, TEXT, "attack", checked)
    masked = Masker([mask], MaskingKey(key.to_bytes(32, "big"))).mask(frame)["value"]
    own = ranked(original.alias("value"))
    return [
        float((matched(masked, known) == original).fill_null(value=False).mean() or 0.0)
        for known in (public, own)
    ]


def main() -> int:
    """Print the table: means over some keys."""
    print(f"{'rows named right':<44} {'public list':>12} {'own counts':>12}")
    for what, listed in frequencies().items():
        original = drawn(listed, seed=20240229)
        public = sorted(listed, key=lambda name: (-listed[name], name))
        most = float((original == ranked(original.alias("value"))[0]).mean() or 0.0)
        print(f"{what}: {original.n_unique()} values; guessing the most frequent for all rows: {most:.1%}")
        for way in WAYS[what]:
            shares = np.mean([attack(original, way, public, key) for key in range(1, KEYS + 1)], axis=0)
            print(f"  {way[0]:<12} {way[1]:<29} {shares[0]:>12.1%} {shares[1]:>12.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
