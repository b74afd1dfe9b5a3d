"""Telephone numbering plans as automata: which digits are a valid number, of which country and kind.

The plans are the metadata of Google's libphonenumber, from the package ``phonenumbers``; what counts as valid here
is what its ``is_valid_number`` says. Plans are read and built when a number of theirs is first met.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from datamask.masking.digit_automaton import DigitAutomaton, first_group_length
from datamask.masking.digit_ranking import Ranking
from datamask.masking.text import Bytes, Lengths

if TYPE_CHECKING:
    from phonenumbers import PhoneMetadata

LONGEST: Final = 15
"""Digits of a national number at most (ITU-T E.164 allows 15 with the country code; some plans list more)."""

# In the order in which libphonenumber asks for them: the first kind that a number matches is its kind.
_KINDS = (
    "premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail",
    "fixed_line", "mobile",
)  # fmt: skip
_GENERAL = "general_desc"
_LEADING = "leading digits"
# Prefixes that are dialled at home have three digits at most.
_LONGEST_PREFIX = 3


@dataclass(frozen=True, slots=True)
class Dialling:
    """How numbers of a region are written inside it.

    :param code: the country code.
    :param trunk: what stands before a national number: 0, 1, 8, 06 or nothing.
    """

    code: int
    trunk: tuple[int, ...]


class NumberingPlan:
    """The national numbers of one country code.

    :param code: such as 49; +1 and others are shared by several regions.
    """

    def __init__(self, code: int) -> None:
        from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

        self.code = code
        self._regions = {
            region: _metadata(region, code) for region in COUNTRY_CODE_TO_REGION_CODE.get(code, ())
        }
        self._home = next(iter(self._regions.values()), None)
        self._prefixes = _prefixes(self._home)
        self._automaton = DigitAutomaton.of(
            _expressions(self._regions) | _readings_at_home(self._home, self._prefixes)
        )
        self._kinds: list[str] = [""]
        self._by_length: dict[int, NDArray[np.int16]] = {}
        self._rankings: dict[tuple[int, int], Ranking] = {}
        self._areas = _Areas(self._home)

    def kinds(self, numerals: Bytes) -> NDArray[np.int16]:
        """The kind of each number, to be used with :meth:`ranking`; 0 where it is not valid.

        :param numerals: k × length digits (0…9) of national numbers, without what is dialled before them.
        """
        length = numerals.shape[1]
        if not 1 <= length <= LONGEST:
            return np.zeros(len(numerals), dtype=np.int16)
        return self._kinds_by_state(length).take(self._automaton.run(numerals))

    def kind_name(self, kind: int) -> str:
        """Region and type, such as ``DE mobile``."""
        return self._kinds[kind]

    def ranking(self, kind: int, length: int) -> Ranking:
        """The valid numbers of one kind and length."""
        if (kind, length) not in self._rankings:
            accepted = self._kinds_by_state(length) == kind
            self._rankings[kind, length] = Ranking(self._automaton, accepted, length)
        return self._rankings[kind, length]

    def areas(self, numerals: Bytes) -> Lengths:
        """How many leading digits of each number its country sets apart: an area code, or a mobile network's."""
        return self._areas.lengths(numerals)

    def begins(self, digits: tuple[int, ...], length: int) -> bool:
        """Whether some valid number of that length begins with those digits."""
        if length < len(digits) or not 1 <= length <= LONGEST:
            return False
        prefix = np.array([digits], dtype=np.uint8).reshape(1, len(digits))
        states = {int(self._automaton.run(prefix)[0])}
        follow = self._automaton.follow.reshape(-1, 10)
        for _ in range(length - len(digits)):
            states = set(np.unique(follow[sorted(states)]).tolist())
        return bool(self._kinds_by_state(length)[sorted(states)].any())

    def overlaps(self, prefix: tuple[int, ...], length: int) -> bool:
        """Whether some valid number of that length is the prefix and another valid number."""
        rest = length - len(prefix)
        if rest < 1 or not 1 <= length <= LONGEST:
            return False
        numerals = np.array([prefix], dtype=np.uint8)
        follow = self._automaton.follow.reshape(-1, 10)
        size = np.int64(len(follow))
        pairs = self._automaton.run(numerals).astype(np.int64) * size + self._automaton.start
        for _ in range(rest):
            pairs = np.unique(follow[pairs // size].astype(np.int64) * size + follow[pairs % size])
        both = (self._kinds_by_state(length)[pairs // size] > 0) & (
            self._kinds_by_state(rest)[pairs % size] > 0
        )
        return bool(both.any())

    def _kinds_by_state(self, length: int) -> NDArray[np.int16]:
        if length not in self._by_length:
            found = np.zeros(len(self._automaton.matched), dtype=np.int16)
            for state, tags in enumerate(self._automaton.matched):
                name = self._kind_of(tags, length) if tags else None
                if name is None:
                    continue
                if name not in self._kinds:
                    self._kinds.append(name)
                found[state] = self._kinds.index(name)
            self._by_length[length] = found
        return self._by_length[length]

    def _kind_of(self, tags: frozenset[str], length: int) -> str | None:
        """What libphonenumber's region_code_for_number and number_type would say of the number as its parser reads it."""
        if self._is_read_otherwise(tags, length):
            return None
        for region, metadata in self._regions.items():
            kind = _kind(region, metadata, tags, length)
            if metadata.leading_digits is not None and len(self._regions) > 1:
                if f"{region} {_LEADING}" in tags:
                    return f"{region} {kind}" if kind else None
            elif kind:
                return f"{region} {kind}"
        return None

    def _is_read_otherwise(self, tags: frozenset[str], length: int) -> bool:
        """Whether the number begins with what is dialled at home, and the rest alone is a number."""
        general = None if self._home is None else self._home.general_desc
        lengths = general.possible_length if general else ()
        for prefix in self._prefixes:
            if f"begins {prefix}" in tags:
                return f"strips {prefix}" in tags and (not lengths or length - len(prefix) in lengths)
        return False


class _Areas:
    """How many digits stand in the first group of a number as its country writes it."""

    def __init__(self, metadata: PhoneMetadata | None) -> None:
        formats = list(metadata.number_format) if metadata else []
        self._lengths = [first_group_length(listed.pattern or "") or 0 for listed in formats]
        expressions: dict[str, list[str]] = {}
        for number, listed in enumerate(formats):
            leading = listed.leading_digits_pattern
            expressions[f"leading {number}"] = [f"(?:{leading[-1]})\\d*" if leading else "\\d*"]
            expressions[f"pattern {number}"] = [listed.pattern or ""]
        self._automaton = DigitAutomaton.of(expressions)
        self._by_state = np.array([self._length(tags) for tags in self._automaton.matched], dtype=np.int64)

    def lengths(self, numerals: Bytes) -> Lengths:
        return self._by_state.take(self._automaton.run(numerals))

    def _length(self, tags: frozenset[str]) -> int:
        for number, length in enumerate(self._lengths):
            if f"leading {number}" in tags and f"pattern {number}" in tags:
                return length
        return 0


@cache
def plan(code: int) -> NumberingPlan:
    """The numbering plan of a country code; one without any valid number where there is no such code."""
    return NumberingPlan(code)


@cache
def trunk_of(code: int) -> tuple[int, ...]:
    """What is dialled before national numbers of a country code at home."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    home = dialling(COUNTRY_CODE_TO_REGION_CODE.get(code, ("",))[0])
    return () if home is None else home.trunk


@cache
def dialling(region: str) -> Dialling | None:
    """How numbers are dialled inside a region (ISO 3166-1 alpha-2); None where it is not known."""
    from phonenumbers import PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None or metadata.country_code is None:
        return None
    trunk = re.sub(r"\D", "", metadata.national_prefix or "")
    return Dialling(metadata.country_code, tuple(map(int, trunk)))


def _metadata(region: str, code: int) -> PhoneMetadata:
    from phonenumbers import PhoneMetadata

    found = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    assert found is not None
    return found


def _expressions(regions: dict[str, PhoneMetadata]) -> dict[str, list[str]]:
    """The regular expressions of all regions by tag: ``DE mobile``."""
    found: dict[str, list[str]] = {}
    for region, metadata in regions.items():
        for kind in (_GENERAL, *_KINDS):
            described = getattr(metadata, kind)
            if described is not None and described.national_number_pattern not in {None, "NA"}:
                found[f"{region} {kind}"] = [described.national_number_pattern]
        if metadata.leading_digits is not None:
            found[f"{region} {_LEADING}"] = [f"(?:{metadata.leading_digits})\\d*"]
    return found


def _prefixes(home: PhoneMetadata | None) -> tuple[str, ...]:
    """What is dialled before national numbers, the longest first, as libphonenumber looks for it."""
    pattern = None if home is None else home.national_prefix_for_parsing
    if pattern is None:
        return ()
    numbers = (
        str(number).zfill(size) for size in range(_LONGEST_PREFIX, 0, -1) for number in range(10**size)
    )
    return tuple(number for number in numbers if re.fullmatch(pattern, number))


def _readings_at_home(home: PhoneMetadata | None, prefixes: tuple[str, ...]) -> dict[str, list[str]]:
    general = None if home is None else home.general_desc
    found: dict[str, list[str]] = {}
    for prefix in prefixes if general else ():
        assert general is not None
        found[f"begins {prefix}"] = [f"{prefix}\\d*"]
        found[f"strips {prefix}"] = [f"{prefix}(?:{general.national_number_pattern})"]
    return found


def _kind(region: str, metadata: PhoneMetadata, tags: frozenset[str], length: int) -> str | None:
    def matches(kind: str) -> bool:
        if f"{region} {kind}" not in tags:
            return False
        lengths = getattr(metadata, kind).possible_length
        return not lengths or length in lengths

    if not matches(_GENERAL):
        return None
    kind = next((kind for kind in _KINDS if matches(kind)), None)
    either = kind == "fixed_line" and (metadata.same_mobile_and_fixed_line_pattern or matches("mobile"))
    if kind == "mobile" and metadata.same_mobile_and_fixed_line_pattern:
        return None
    return "fixed_line_or_mobile" if either else kind
