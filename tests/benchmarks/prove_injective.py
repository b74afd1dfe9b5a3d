"""Every injective transform on many different values: ``python tests/benchmarks/prove_injective.py``.

Each case of ``tests/property/masking`` that declares itself injective, and each kind of national number, masks
``--values`` different values (10 million by default), or all there are. Of values and of results 128 keyed bits each are
kept, 32 bytes a value, and counted: there must be as many different results as values. Two that are different share
those bits with a chance of 1 : 10**24.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "property" / "masking"))

from distinct_inputs import CHUNK, Cards, Domain, Ibans, Integers, Octets, Pattern, chunks, of_schemes
from identifier_cases import Drawn
from law_case import TEXT, Case
from masking_cases import CASES, many

from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.national.types import AUTO, TYPES
from datamask.masking.prf import Prf

KEY = MaskingKey(b"k" * 32)
# What no domain is written down for is asked of its case, as Python's own strings: more of them do not fit.
MOST_OF_A_CASE = 1_000_000
BITS = {"int2": 16, "int4": 32, "int8": 64}
UUIDS = Pattern("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
ADDRESSES = (Octets(), Pattern("<2001:db8:>^xxx:^xxx:^xxx:^xxx:^xxx:^xxx"))
TEXTS = (Pattern("<person.>9999999999<@mail>99<.example>"),)
BY_TRANSFORM: dict[str, tuple[Domain, ...]] = {
    "phone": (
        Pattern("<+49 151 >99999999"),
        Pattern("<+1 (>~99<) >~99-9999"),
        Pattern("<0151 >99999999"),
        Pattern("<+44 20 >99999999"),
        Pattern("<+33 9 >99 99 99 99"),
        Pattern("555-99999999"),
        Pattern("+999999999"),
    ),
    "card_number": (Cards("4"), Cards("51"), Cards("3782"), Pattern("9999999999999999"), Pattern("99999999")),
    "iban": (
        Ibans("DE", "999999999999999999"),
        Ibans("GB", "AAAA99999999999999"),
        Ibans("NO", "99999999999"),
    ),
    "postal_code": (
        *(Pattern("9" * digits) for digits in range(1, 8)),
        Pattern("99999-9999"),
        Pattern("AA9A 9AA"),
        Pattern("A9A 9A9"),
    ),
    "url": (Pattern("<https://shop.example/>9999999999?<q=>xxxx"),),
    "uuid": (UUIDS,),
    "key": (
        *(Pattern("9" * digits) for digits in range(1, 7)),
        Pattern("9999999999999999"),
        Pattern("AA-999999"),
    ),
}


def domains(case: Case) -> Sequence[Domain]:
    """What a case is tried on; nothing where only the case itself knows."""
    kind, base = case.type.kind, case.type.base
    if kind == "integer":
        return (Integers(BITS[base]),)
    if kind == "uuid":
        return (UUIDS,)
    if base == "cidr":
        return (Octets(network=True),)
    if base == "inet" or (case.transform == "ip" and kind == "text"):
        return ADDRESSES
    if case.transform == "national_id":
        return _national(str(case.params["type"]))
    drawn = (Pattern(case.many.pattern, case.many.alphabet),) if isinstance(case.many, Drawn) else ()
    if base == "bpchar":
        return drawn or (Pattern("9" * (case.type.max_length or 1)),)
    if case.transform in BY_TRANSFORM and kind == "text":
        return (*drawn, *BY_TRANSFORM[case.transform])
    if drawn:
        return drawn
    if case.params.get("alphabet") == "digits":
        return tuple(Pattern("9" * digits) for digits in (*range(1, 8), 12, 16, 19, 24))
    if kind == "array":
        return (
            Pattern("{<1>99999999,<2>99}" if case.type.element == "integer" else "{<a>9999999999,<b>99}"),
        )
    return TEXTS if kind == "text" and case.many is None else ()


def _national(kind: str) -> Sequence[Domain]:
    listed = AUTO if kind == "auto" else (kind,)
    return [domain for name in listed for domain in of_schemes(TYPES[name]())]


def cases() -> Iterator[Case]:
    """The cases that are to be injective, every kind of national number among them."""
    national = (Case("national_id", TEXT, {"type": kind}) for kind in (*TYPES, "auto"))
    others = (case for case in CASES if (case.transform, case.type) != ("national_id", TEXT))
    yield from (case for case in (*others, *national) if case.laws.injective)


def inputs(case: Case, count: int) -> Iterator[pl.Series]:
    """The values that a case is tried on."""
    listed = domains(case)
    if listed:
        yield from chunks(listed, count)
        return
    values = pl.Series(values=many(case, min(count, MOST_OF_A_CASE)), dtype=pl.String).unique()
    yield from (values.slice(start, CHUNK) for start in range(0, values.len(), CHUNK))


def prove(case: Case, count: int) -> tuple[int, int]:
    """How many different values were masked, and how many different results there were."""
    masker, prf = Masker([case.mask()], KEY), Prf(b"p" * 32)
    before, after = [], []
    for values in inputs(case, count):
        masked = masker.mask(pl.DataFrame({"value": values}))["value"]
        assert not masked.null_count()
        before.append(prf.wide(values))
        after.append(prf.wide(masked))
    return _different(before), _different(after)


def _different(parts: list[NDArray[np.uint64]]) -> int:
    """How many of 128-bit numbers, given as two words each, are different. Empties the list."""
    tags = np.concatenate(parts)
    parts.clear()
    order = np.argsort(tags[:, 0])
    first, second = tags[order, 0], tags[order, 1]
    same = np.flatnonzero(first[1:] == first[:-1])
    # Words that are alike in one half are next to each other; there are hardly any.
    return len(tags) - int((second[same] == second[same + 1]).sum())


def main() -> int:
    """Print the table; 1 where there was a collision."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, default=10_000_000)
    parser.add_argument(
        "--only", nargs="*", metavar="NAME", help="some transforms or national numbers instead of all"
    )
    parser.add_argument(
        "--one-each", action="store_true", help="of cases that differ in parameters alone, the first"
    )
    given = parser.parse_args()
    failed = 0
    seen: set[tuple[str, str, object]] = set()
    print(f"{'transform':<14} {'type':<24} {'values':>12} {'results':>12} {'seconds':>8}  parameters")
    for case in cases():
        if given.only and not {case.transform, case.params.get("type")} & set(given.only):
            continue
        kind = (case.transform, case.type.name, case.params.get("type"))
        if given.one_each and kind in seen:
            continue
        seen.add(kind)
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
