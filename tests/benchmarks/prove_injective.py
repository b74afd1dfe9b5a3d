"""Every injective transform on many different values: ``python tests/benchmarks/prove_injective.py``.

Each case of ``tests/property/masking`` that declares itself injective masks ``--values`` different values (10 million by
default), in chunks; of the results only 128 keyed bits each are kept, 16 bytes a value, and counted. A collision of those
bits themselves has a chance of 1 : 10**24. Types with fewer values (``smallint``) are tried as far as they go.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1] / "property" / "masking"))

from law_case import Case
from masking_cases import CASES, many

from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.prf import Prf

CHUNK = 250_000
# Values that a case makes by itself are Python's own strings: more of them than this do not fit.
MOST_OF_A_CASE = 1_000_000
KEY = MaskingKey(b"k" * 32)
# An odd factor makes all 64-bit numbers of consecutive ones, each once.
SPREAD = np.uint64(0x9E3779B97F4A7C15)


def numbered(case: Case, numbers: pl.Series) -> pl.Series | None:
    """Different values for different numbers, of the kind that the case is about; None where it has its own."""
    n = numbers.cast(pl.String)
    kind, base = case.type.kind, case.type.base
    if base == "int2":
        return (numbers.filter(numbers < 65_536).cast(pl.Int64) - 32_768).cast(pl.String)
    if kind == "integer":
        top = 31 if base == "int4" else 63
        spread = numbers.to_numpy().astype(np.uint64) * SPREAD % np.uint64(1 << top)
        return pl.Series(values=spread).unique(maintain_order=True).cast(pl.String)
    if case.many is not None:
        return None
    if kind == "uuid" or case.transform == "uuid":
        return _uuids(numbers)
    if base == "inet" or (case.transform == "ip" and kind == "text"):
        octets = [(numbers // 256**place % 256).cast(pl.String) for place in (3, 2, 1, 0)]
        return pl.select(pl.concat_str(*octets, separator=".")).to_series()
    if case.transform in {"card_number", "phone", "postal_code"} or case.params.get("alphabet") == "digits":
        return n.str.zfill(16)
    if kind == "array":
        return '{"a' + n + '",b' + n + "}"
    if base == "bpchar" and case.type.max_length:
        return n.str.zfill(case.type.max_length)
    return "person." + n + "@mail.example" if kind == "text" else None


def _uuids(numbers: pl.Series) -> pl.Series:
    words = numbers.to_numpy().astype(np.uint64) * SPREAD
    digits = [
        pl.Series(values=[f"{word:016x}" for word in part.tolist()]) for part in (words, words ^ SPREAD)
    ]
    text = digits[0] + digits[1]
    pieces = [text.str.slice(start, size) for start, size in ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))]
    return pl.select(pl.concat_str(*pieces, separator="-")).to_series()


def chunks(case: Case, count: int) -> Iterator[pl.Series]:
    """The values that a case is tried on."""
    if numbered(case, pl.Series([1, 2], dtype=pl.UInt64)) is None:
        values = pl.Series(values=many(case, min(count, MOST_OF_A_CASE)), dtype=pl.String).unique()
        yield from (values.slice(start, CHUNK) for start in range(0, values.len(), CHUNK))
        return
    for start in range(0, count, CHUNK):
        numbers = pl.int_range(start, min(start + CHUNK, count), dtype=pl.UInt64, eager=True)
        values = numbered(case, numbers)
        if values is not None and values.len():
            yield values


def prove(case: Case, count: int) -> tuple[int, int]:
    """How many values were masked, and how many different results there were."""
    masker, prf = Masker([case.mask()], KEY), Prf(b"p" * 32)
    tags = []
    for values in chunks(case, count):
        masked = masker.mask(pl.DataFrame({"value": values}))["value"]
        assert not masked.null_count()
        tags.append(prf.wide(masked))
    found = np.concatenate(tags)
    return len(found), _different(found)


def _different(tags: np.ndarray) -> int:
    """How many of 128-bit numbers, given as two words each, are different."""
    order = np.argsort(tags[:, 0])
    first, second = tags[order, 0], tags[order, 1]
    same = np.flatnonzero(first[1:] == first[:-1])
    # Words that are alike in one half are next to each other; there are hardly any.
    return len(tags) - int((second[same] == second[same + 1]).sum())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, default=10_000_000)
    parser.add_argument("--only", nargs="*", metavar="TRANSFORM", help="some transforms instead of all")
    given = parser.parse_args()
    failed = 0
    print(f"{'transform':<14} {'type':<24} {'values':>12} {'results':>12} {'seconds':>8}  parameters")
    for case in CASES:
        if (given.only and case.transform not in given.only) or not case.laws.injective:
            continue
        begun = time.process_time()
        values, results = prove(case, given.values)
        params = ", ".join(f"{name}={value}" for name, value in case.params.items())
        seconds = time.process_time() - begun
        verdict = "" if values == results else "  COLLISION"
        failed += values != results
        print(
            f"{case.transform:<14} {case.type.name:<24} {values:>12,} {results:>12,} {seconds:>8.1f}  "
            f"{params[:60]}{verdict}",
            flush=True,
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
