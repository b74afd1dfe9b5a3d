"""Unique keys, kept by construction: every row's key follows from its number, so none comes twice."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.synthetic.children import Children
from datamask.synthetic.domains import MOST_CODES, Dates, Decimals, Domain, Integers, Numbered, Timestamps
from datamask.synthetic.existing import Parents, Passing, Taken
from datamask.synthetic.model import NoRoomError
from datamask.synthetic.randomness import BLOCK_ROWS, Numbers, seed_of
from datamask.synthetic.references import Reference
from datamask.synthetic.units import Axis, Beside, Bound, Coder, Counting, Fixed, Keyed, OfParent, Shuffled

_WORD = (1 << 64) - 1
# A key's column that tells rows of one parent apart has this many times the values it needs.
_SPARE = 2
_LEAST_FREE = 4
# Unique numbers that no sequence counts lie in a range this much larger than their rows.
_NEAR = 10


@dataclass(eq=False)
class KeyWork:
    """One table while its keys are settled.

    :param rows: how many there are.
    :param domains: of the columns that are free, as wide as a unique key may need them.
    :param parents: what can be referred to, by the parent's key.
    :param first: the first number of a column that counts behind rows that exist, by column.
    :param taken: values that columns of unique keys have in rows that exist.
    :param per: the reference whose children are counted, with those children.
    :param fixed: what was settled: by column.
    :param alone: groups of columns that are unique by themselves.
    """

    table: str
    seed: int
    rows: int
    references: Sequence[Reference]
    domains: Mapping[str, Domain]
    parents: Mapping[str, Parents]
    first: Mapping[str, int] = field(default_factory=dict)
    taken: Sequence[pl.DataFrame] = ()
    per: tuple[Reference, Children] | None = None
    fixed: dict[str, Fixed] = field(default_factory=dict)
    alone: list[frozenset[str]] = field(default_factory=list)
    counters: dict[str, int] = field(default_factory=dict)

    def key(self, purpose: str) -> int:
        """64 bits for a purpose."""
        return seed_of(self.seed, self.table, purpose) & _WORD

    def reference(self, column: str) -> Reference | None:
        """The reference that fills a column itself."""
        return next((item for item in self.references if column in item.own and not item.shared), None)

    def bind(self, reference: Reference, code: Coder) -> None:
        """Let a reference's parent follow from the row's number."""
        self.fixed |= dict.fromkeys(reference.columns, self.bound(reference, code))

    def bound(self, reference: Reference, code: Coder) -> Bound:
        """A reference whose parent follows from the row's number."""
        return Bound(reference.columns, self.parents[reference.parent], reference.referenced, code)

    def fresh(self, members: Collection[str]) -> bool:
        """Whether a key with these members holds a generated parent in every row: then no row that exists has it."""
        for item in self.references:
            if not set(item.columns) <= set(members):
                continue
            before = self.parents[item.parent].before
            if not before or (self.per is not None and item is self.per[0] and self.per[1].begin == before):
                return True
        return False

    def taken_in(self, columns: Sequence[str]) -> Taken | None:
        """The values that some columns have together in rows that exist."""
        frames = [frame for frame in self.taken if set(columns) <= set(frame.columns)]
        return Taken(frames, columns) if frames else None


def settle_key(work: KeyWork, columns: Sequence[str], what: str, *, primary: bool) -> None:
    """Make a key's columns different in each row.

    :param what: the key, as messages name it.
    :raises NoRoomError: there are fewer different keys than rows.
    """
    members = frozenset(columns)
    if any(group <= members for group in work.alone):
        return
    free = [column for column in columns if column not in work.fixed]
    if len(columns) == 1:
        _single(work, columns[0], what, primary=primary)
    elif not free:
        raise NoRoomError(0, f"{what} shares all its columns with other keys")
    elif len(free) < len(members) and not _covered(work, members):
        _one_of(work, free, what, apart=work.fresh(members))
    else:
        _product(work, columns, what, primary=primary)
    if not any(group <= members for group in work.alone):
        work.alone.append(members)


def _covered(work: KeyWork, members: frozenset[str]) -> bool:
    """Whether those members that are settled already are whole references to what the row counts along."""
    return (
        False
        if work.per is None
        else set(work.per[0].columns) <= members
        and all(column in work.per[0].columns for column in members if column in work.fixed)
    )


def _single(work: KeyWork, column: str, what: str, *, primary: bool, apart: bool = False) -> None:
    """Make one column different in each row.

    :param apart: other columns tell the rows from those that exist.
    """
    if column in work.fixed:
        raise NoRoomError(0, f"{what}: another key has settled {column} already")
    reference = work.reference(column)
    if reference is not None:
        rows = work.parents[reference.parent].rows
        if work.rows > rows:
            raise NoRoomError(
                rows, f"{what} refers to a different row of {reference.parent} each time, which has {rows:,}"
            )
        counted = Counting() if primary else Shuffled(work.key(what), rows)
        taken = None if apart or work.fresh((column,)) else work.taken_in((column,))
        work.bind(
            reference,
            _passing(work, counted, rows, taken, lambda codes: [work.bound(reference, codes)], what),
        )
        return
    domain = work.domains.get(column)
    if domain is None:
        raise NoRoomError(0, f"{what}: the type of {column} is not one that values can be made for")
    first = work.first.get(column)
    if first is not None and isinstance(domain, Integers):
        domain = replace(domain, low=max(domain.low, first))
    if domain.size < work.rows:
        room = max(0, domain.size)
        behind = "" if first is None else " behind those that rows have"
        raise NoRoomError(room, f"{what} has room for {room:,} different values{behind}")
    if isinstance(domain, Integers) and primary:
        work.counters[column] = domain.low + work.rows - 1
        work.fixed[column] = Keyed((column,), domain, Counting())
    elif isinstance(domain, Integers):
        near = domain.first(max(_NEAR * work.rows, 1000))
        work.fixed[column] = Keyed((column,), near, Shuffled(work.key(what), near.size))
    else:
        taken = None if apart else work.taken_in((column,))
        size = domain.size
        if isinstance(domain, Numbered):
            size = min(size, work.rows + (0 if taken is None else taken.count))
        codes = _passing(
            work,
            Shuffled(work.key(what), size),
            size,
            taken,
            lambda codes: [Keyed((column,), domain, codes)],
            what,
        )
        work.fixed[column] = Keyed((column,), domain, codes)


def _passing(
    work: KeyWork,
    codes: Coder,
    size: int,
    taken: Taken | None,
    lay: Callable[[Coder], Iterable[Fixed]],
    what: str,
) -> Coder:
    """Codes that leave out the row numbers whose values rows that exist have.

    :param size: different codes there are.
    :param lay: what makes the columns of the key from the codes.
    :raises NoRoomError: too few are left.
    """
    if taken is None:
        return codes
    units = list(lay(codes))
    left_out: list[Numbers] = []
    begin = free = 0
    while free < work.rows:
        if begin >= size:
            raise NoRoomError(free, f"{what} has room for {free:,} values that no row has yet")
        numbers = np.arange(begin, min(size, begin + BLOCK_ROWS), dtype=np.int64)
        hits = _met(units, taken, numbers)
        left_out.append(numbers[hits])
        free += len(numbers) - int(hits.sum())
        begin += BLOCK_ROWS
    found = np.concatenate(left_out) if left_out else np.empty(0, dtype=np.int64)
    return Passing(codes, found) if len(found) else codes


def _met(units: Iterable[Fixed], taken: Taken, numbers: Numbers) -> NDArray[np.bool_]:
    """Whether rows of those numbers would have values that rows have already; none does that has a generated parent."""
    old = np.ones(len(numbers), dtype=np.bool_)
    for unit in units:
        if isinstance(unit, Bound) and isinstance(unit.parent, Parents):
            old &= unit.code(numbers) < unit.parent.before
    rows = np.flatnonzero(old)
    values: dict[str, pl.Series] = {}
    for unit in units:
        values |= unit.at(numbers[rows])
    found = np.zeros(len(numbers), dtype=np.bool_)
    found[rows] = taken.among([values[column] for column in taken.columns])
    return found


def _one_of(work: KeyWork, free: Sequence[str], what: str, *, apart: bool) -> None:
    """Where other keys have settled some members, one of the others is made unique alone."""
    best = max(free, key=lambda column: _size(work, column))
    if _size(work, best) < work.rows:
        raise NoRoomError(
            _size(work, best), f"{what}: {best} alone has room for {_size(work, best):,} different values"
        )
    _single(work, best, what, primary=False, apart=apart)
    work.alone.append(frozenset((best,)))


def _size(work: KeyWork, column: str) -> int:
    reference = work.reference(column)
    if reference is not None:
        return work.parents[reference.parent].rows
    return work.domains[column].size if column in work.domains else 0


def _product(work: KeyWork, columns: Sequence[str], what: str, *, primary: bool) -> None:
    """Places in the product of the members, without replacement."""
    members = set(columns)
    references = [item for item in work.references if not item.shared and set(item.columns) <= members]
    counted = work.per[0] if work.per and work.per[0] in references else None
    others = [item for item in references if item is not counted]
    inside = {column for item in references for column in item.columns}
    free = [
        column
        for column in columns
        if column not in inside and work.reference(column) is None and column in work.domains
    ]
    if not references:
        # A number is what rows are counted by; else what has the most room.
        big = max(free, key=lambda column: _likeness(work, column), default=None)
        if big is not None and work.domains[big].size >= 4 * work.rows:
            _single(work, big, what, primary=primary)
            work.alone.append(frozenset((big,)))
            return
    sizes = [work.parents[item.parent].rows for item in others]
    fresh = work.fresh(members)
    taken = None if fresh else work.taken_in(columns)
    needed = work.rows if counted is None else _most(work, sizes, [work.domains[column] for column in free])
    # Of a product with places that are taken, more are looked at.
    wanted = needed if counted is not None or taken is None else needed + taken.count
    axes: list[tuple[str, Domain]] = []
    for column in sorted(free, key=lambda column: _readiness(work.domains[column])):
        room = prod(sizes) * prod(domain.size for _, domain in axes)
        if axes and room >= wanted:
            break
        least = -(-wanted // max(1, room))
        behind = None if fresh else _behind(work, column, least)
        if behind is not None:
            # Numbers that no row has: nothing is taken there.
            taken = None
        axes.append((column, _trimmed(behind or work.domains[column], least)))
    total = prod(sizes) * prod(domain.size for _, domain in axes)
    if total < needed:
        listed = [f"{item.parent} ({size:,})" for item, size in zip(others, sizes, strict=True)]
        listed += [f"{column} ({domain.size:,})" for column, domain in axes]
        room = total if counted is None or work.per is None else work.per[1].parents * total
        raise NoRoomError(
            room, f"{what} has room for {room:,} different combinations: {' × '.join(listed) or 'none'}"
        )
    parts = list(zip(others, sizes, strict=True))

    def lay(places: Coder) -> list[Fixed]:
        return _laid(work, places, axes, parts)

    places: Coder
    if counted is not None and work.per is not None:
        children = work.per[1]
        parent = work.bound(counted, OfParent(children))
        places = Beside(work.key(what), children, total, needed, counted=not others and len(axes) == 1)
        _refuse_met(work, [parent, *lay(places)], taken, f"{what} of children of {counted.parent}")
        units = [parent, *lay(places)]
    else:
        size = min(total, MOST_CODES)
        units = lay(_passing(work, Shuffled(work.key(what), size), size, taken, lay, what))
    work.fixed |= {column: unit for unit in units for column in unit.columns}


def _laid(
    work: KeyWork,
    places: Coder,
    axes: Sequence[tuple[str, Domain]],
    references: Sequence[tuple[Reference, int]],
) -> list[Fixed]:
    """The members of a product, each an axis of the places.

    :param references: with the rows that each of them can refer to.
    """
    units: list[Fixed] = []
    divisor = 1
    for column, domain in reversed(axes):
        # Beyond that, places are not told apart any more: there are more than rows anyway.
        kept = domain.first(max(1, MOST_CODES // divisor))
        units.append(Keyed((column,), kept, Axis(places, divisor, kept.size)))
        divisor *= kept.size
    for item, size in references:
        units.append(work.bound(item, Axis(places, divisor, size)))
        divisor *= size
    return units


def _refuse_met(work: KeyWork, units: Sequence[Fixed], taken: Taken | None, what: str) -> None:
    """Children that are counted by parent have their places: none can make way.

    :raises NoRoomError: some have values that rows have already.
    """
    if taken is None:
        return
    for begin in range(0, work.rows, BLOCK_ROWS):
        numbers = np.arange(begin, min(work.rows, begin + BLOCK_ROWS), dtype=np.int64)
        if _met(units, taken, numbers).any():
            raise NoRoomError(
                0, f"{what}, so many for each, would repeat rows that are there; a number of rows would not"
            )


def _behind(work: KeyWork, column: str, needed: int) -> Integers | None:
    """The numbers behind those of rows that exist, where there are enough."""
    domain, first = work.domains[column], work.first.get(column)
    if first is None or not isinstance(domain, Integers):
        return None
    behind = replace(domain, low=max(domain.low, first))
    return behind if behind.size >= needed else None


def _most(work: KeyWork, sizes: Sequence[int], free: Sequence[Domain]) -> int:
    """Children that one parent has at most: as drawn, but no more than there are places for."""
    assert work.per is not None
    reference, children = work.per
    room = prod(sizes) * prod(domain.size for domain in free)
    children = children.limited(room)
    if work.rows > room * work.per[1].parents:
        return room + 1
    work.per = reference, children
    return children.largest()


def _likeness(work: KeyWork, column: str) -> tuple[bool, int]:
    domain = work.domains[column]
    return isinstance(domain, Integers) and domain.size >= 4 * work.rows, domain.size


def _readiness(domain: Domain) -> tuple[int, int]:
    """Numbers first, as in (order, line); then what has room."""
    return (0 if isinstance(domain, Integers) else 1), -domain.size


def _trimmed(domain: Domain, needed: int) -> Domain:
    if isinstance(domain, Integers | Numbered):
        return domain.first(max(_SPARE * needed, _LEAST_FREE))
    return domain


def widened(domain: Domain, needed: int, *, low_open: bool, high_open: bool) -> Domain:
    """A domain with room for more values, where no constraint bounds it on that side.

    :param low_open: nothing but the type bounds it below.
    :param high_open: nothing but the type bounds it above.
    """
    if domain.size >= needed or not (low_open or high_open):
        return domain
    if isinstance(domain, Integers | Decimals):
        high = domain.low + needed - 1 if high_open else domain.high
        return replace(domain, high=max(domain.high, high))
    if isinstance(domain, Dates | Timestamps):
        if low_open:
            return replace(domain, low=min(domain.low, domain.high - needed + 1))
        return replace(domain, high=max(domain.high, domain.low + needed - 1))
    return domain
