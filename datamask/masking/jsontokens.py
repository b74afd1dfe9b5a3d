"""JSON documents as arrays of tokens, checked against the grammar (RFC 8259) all at once.

A document's quotes, brackets, colons and commas are found and paired with NumPy, some twenty steps over the bytes of all
documents together; nothing is done document by document. What is no JSON is named and left out, so that it cannot
shift the quotes of its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datamask.masking.jsonliterals import Literals
from datamask.masking.splice import TERMINATOR
from datamask.masking.text import Bytes, Lengths

OBJECT, ARRAY, OBJECT_END, ARRAY_END, COMMA, STRING, END, ELEMENT_COMMA, NAME = range(1, 10)
"""Kinds of tokens: brackets, commas between members, strings that are values, ends of documents, commas between
elements, members' names with their colons."""

_KINDS = 10
DEEPEST = 10_000
"""Documents nested deeper are not understood."""

_BACKSLASH, _QUOTE, _SPACE = ord("\\"), ord('"'), ord(" ")

Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a notation of nested names and values is written.

    :param colon: what stands between name and value.
    :param blanks: characters that mean nothing between tokens, beside white space.
    :param words: values without quotes.
    :param numbers: numbers stand without quotes too.
    :param escapes: the characters that may stand behind a backslash; empty for any, and then control characters may stand
        in strings.
    """

    colon: bytes = b":"
    blanks: bytes = b""
    words: tuple[bytes, ...] = (b"true", b"false", b"null")
    numbers: bool = True
    escapes: bytes = b'"\\/bfnrtu'

    @property
    def codes(self) -> bytes:
        """The kind of every byte, 0 for those that are no token."""
        codes = bytearray(256)
        for kind, characters in (
            (OBJECT, b"{"), (ARRAY, b"["), (OBJECT_END, b"}"), (ARRAY_END, b"]"), (COMMA, b","),
             (STRING, b'"'), (END, bytes([TERMINATOR])),
        ):  # fmt: skip
            for character in characters:
                codes[character] = kind
        return bytes(codes)


JSON = Dialect()


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of many documents in their order; an array has one entry for each token unless said otherwise.

    :param kind: as the constants above; commas and strings are told apart by what they stand in.
    :param start: the first byte.
    :param stop: the byte behind the token; of strings and names, behind the closing quote.
    :param container: for brackets, commas and names the number of the object or array that they belong to, else -1.
    :param opening: each container's opening bracket (the token), outer ones first.
    :param closing: each container's closing bracket.
    :param depth: each container's depth, 1 for the outermost; ascending.
    :param in_container: brackets and commas container by container, in order inside of each.
    :param bare: the tokens in front of which a number, true, false or null stands.
    :param bare_start: the first byte of each of those.
    :param bare_stop: the byte behind each.
    """

    kind: NDArray[np.uint8]
    start: Lengths
    stop: Lengths
    container: NDArray[np.intp]
    opening: Positions
    closing: Positions
    depth: NDArray[np.int32]
    in_container: Positions
    bare: Positions
    bare_start: Lengths
    bare_stop: Lengths


class _MalformedError(Exception):
    """Documents that stand in the way of reading the others."""

    def __init__(self, documents: Positions) -> None:
        super().__init__()
        self.documents = documents


def tokenize(data: Bytes, dialect: Dialect = JSON) -> tuple[Tokens, Positions]:
    """The tokens of documents, and the documents that are none.

    :param data: the documents, each with its terminator.
    :returns: tokens, and the numbers of malformed documents, of which no token but the end is among the tokens.
    """
    malformed = [np.empty(0, dtype=np.intp)]
    while True:
        try:
            return _tokens(data, dialect), np.unique(np.concatenate(malformed))
        except _MalformedError as error:
            malformed.append(error.documents)
            data = _without(data, error.documents)


def _without(data: Bytes, documents: Positions) -> Bytes:
    """The bytes with blanks instead of some documents."""
    data = data.copy()
    stops = np.flatnonzero(data == TERMINATOR)
    starts = np.append(0, stops[:-1] + 1)
    for document in documents.tolist():
        data[starts[document] : stops[document]] = _SPACE
    return data


def _tokens(data: Bytes, dialect: Dialect) -> Tokens:
    kind, start, stop = _lexed(data, dialect)
    ends = np.flatnonzero(kind == END)
    # A name's colon, and the blanks in front of it, belong to the name.
    strings = np.flatnonzero(kind == STRING)
    colon = _next_mark(data, stop.take(strings))
    named = np.frombuffer(dialect.colon, dtype=np.uint8) == data.take(colon)
    names = strings[named]
    kind[names] = NAME
    behind = stop.copy()
    behind[names] = colon[named] + 1

    bare, bare_start, bare_stop = _between(data, start, behind, dialect)
    literal = Literals.of(dialect.words, dialect.numbers).match(data, bare_start, bare_stop)
    _require(literal, bare, ends)
    depth = _depth(kind, ends)

    # By depth, in order inside of each: a container's tokens stand together, from its opening bracket on.
    marks = np.flatnonzero(kind <= COMMA)
    mark = kind.take(marks)
    inner = depth.take(marks) + ((mark == OBJECT_END) | (mark == ARRAY_END))
    # Radix sort is for small integers.
    small = np.uint8 if not len(inner) or inner.max() < 256 else np.uint16
    order = np.argsort(inner.astype(small), kind="stable")
    in_container, mark = marks.take(order), mark.take(order)
    opens = mark <= ARRAY
    rank = opens.cumsum() - 1
    _require(rank >= 0, in_container, ends)
    opening = in_container[opens]
    closing = in_container[(mark == OBJECT_END) | (mark == ARRAY_END)]
    container = np.full(len(kind), -1, dtype=np.intp)
    container[in_container] = rank
    container[names] = container.take(names - 1)
    comma = np.flatnonzero(mark == COMMA)
    in_array = kind.take(opening.take(rank.take(comma))) == ARRAY
    kind[in_container.take(comma[in_array])] = ELEMENT_COMMA

    _require(kind.take(closing) - np.uint8(2) == kind.take(opening), closing, ends)
    before = np.empty_like(kind)
    before[0] = END
    before[1:] = kind[:-1]
    allowed = _GRAMMAR[0].take(before * np.uint8(_KINDS) + kind)
    allowed[bare] = _GRAMMAR[1].take(before.take(bare) * np.uint8(_KINDS) + kind.take(bare))
    _require(allowed, None, ends)
    return Tokens(
        kind, start, stop, container, opening, closing, depth.take(opening), in_container,
        bare, bare_start, bare_stop,
    )  # fmt: skip


def _lexed(data: Bytes, dialect: Dialect) -> tuple[NDArray[np.uint8], Lengths, Lengths]:
    """Kinds, starts and stops of tokens, without what is inside of strings."""
    codes = np.frombuffer(bytearray(data.tobytes()).translate(dialect.codes), dtype=np.uint8)
    escaped, wrong = _escapes(data, dialect)
    codes[escaped[data.take(escaped) == _QUOTE]] = 0
    place = np.flatnonzero(codes != 0)
    kind = codes.take(place)
    # The first, third, … quote opens a string; what follows it up to the next one is inside.
    quote = kind == STRING
    # Whether the number of quotes up to here is odd; a byte overflows to an even number.
    odd = (quote.cumsum(dtype=np.uint8) & np.uint8(1)).view(np.bool_)
    unpaired = np.flatnonzero(np.diff(odd[kind == END], prepend=False))
    if len(unpaired):
        raise _MalformedError(unpaired)
    closing = place.take(np.flatnonzero(quote > odd))
    outside = np.flatnonzero(quote == odd)
    start, kind = place.take(outside), kind.take(outside)
    stop = start + 1
    stop[kind == STRING] = closing + 1
    if dialect.escapes:
        wrong = np.concatenate([wrong, _control_characters(data, start, stop, kind)])
    if len(wrong):
        raise _MalformedError(
            _documents(np.searchsorted(stop, wrong, side="right"), np.flatnonzero(kind == END))
        )
    return kind, start, stop


def _depth(kind: NDArray[np.uint8], ends: Positions) -> NDArray[np.int32]:
    """How many brackets are open behind each token."""
    depth = _DEPTH.take(kind).cumsum(dtype=np.int32)
    unbalanced = np.flatnonzero(np.diff(depth.take(ends), prepend=0))
    if len(unbalanced):
        raise _MalformedError(unbalanced)
    if int(depth.min()) < 0 or int(depth.max()) > DEEPEST:
        _require((depth >= 0) & (depth <= DEEPEST), None, ends)
    return depth


_DEPTH = np.zeros(_KINDS, dtype=np.int8)
_DEPTH[[OBJECT, ARRAY]] = 1
_DEPTH[[OBJECT_END, ARRAY_END]] = -1


def _grammar() -> NDArray[np.bool_]:
    """Which token may follow which: without and with a number, true, false or null between them."""
    allowed = np.zeros((2, _KINDS, _KINDS), dtype=np.bool_)
    for kind in (END, NAME, ARRAY, ELEMENT_COMMA):
        allowed[0, kind, [STRING, OBJECT, ARRAY]] = True
    for kind in (STRING, OBJECT_END, ARRAY_END):
        allowed[0, kind, [COMMA, ELEMENT_COMMA, OBJECT_END, ARRAY_END, END]] = True
    allowed[0, [OBJECT, COMMA], NAME] = True
    allowed[0, OBJECT, OBJECT_END] = True
    allowed[0, ARRAY, ARRAY_END] = True
    # Nothing at all: an empty text, or one that was left out.
    allowed[:, END, END] = True
    allowed[1, NAME, [COMMA, OBJECT_END]] = True
    allowed[1, [ARRAY, ELEMENT_COMMA], ELEMENT_COMMA] = True
    allowed[1, [ARRAY, ELEMENT_COMMA], ARRAY_END] = True
    return allowed.reshape(2, -1)


_GRAMMAR = _grammar()


def _require(right: NDArray[np.bool_], tokens: Positions | None, ends: Positions) -> None:
    """Leave out the documents of tokens (all of them, or those listed) that are not right."""
    if not right.all():
        wrong = np.flatnonzero(~right)
        raise _MalformedError(_documents(wrong if tokens is None else tokens[wrong], ends))


def _documents(tokens: Positions, ends: Positions) -> Positions:
    """The documents that tokens stand in."""
    return np.unique(np.searchsorted(ends, tokens))


def _escapes(data: Bytes, dialect: Dialect) -> tuple[Positions, Positions]:
    """The characters behind backslashes that are no escaped ones themselves, and the wrong ones of them."""
    slashes = np.flatnonzero(data == _BACKSLASH)
    if not len(slashes):
        return slashes, slashes
    # Inside a run of backslashes every second one is escaped.
    place = np.arange(len(slashes))
    starts = np.append(True, slashes[1:] != slashes[:-1] + 1)
    run = np.maximum.accumulate(np.where(starts, place, 0))
    escaped = slashes[((place - run) & 1) == 0] + 1
    if not dialect.escapes:
        return escaped, escaped[:0]
    character = data.take(escaped)
    wrong = ~np.isin(character, np.frombuffer(dialect.escapes, dtype=np.uint8))
    unicode = np.flatnonzero(character == ord("u"))
    for offset in range(1, 5):
        digit = data.take(escaped[unicode] + offset, mode="clip")
        wrong[unicode] |= ~_HEXADECIMAL.take(digit)
    return escaped, escaped[wrong]


_HEXADECIMAL = np.zeros(256, dtype=np.bool_)
_HEXADECIMAL[list(b"0123456789abcdefABCDEF")] = True


def _control_characters(data: Bytes, start: Lengths, stop: Lengths, kind: NDArray[np.uint8]) -> Positions:
    """Control characters where none may stand: inside of strings, and others than blanks anywhere."""
    places = np.flatnonzero((data < _SPACE) & (data != TERMINATOR))
    if not len(places):
        return places
    token = np.searchsorted(start, places, side="right") - 1
    inside = (token >= 0) & (kind.take(token) == STRING) & (places < stop.take(token))
    blank = np.isin(data.take(places), np.frombuffer(b"\t\n\r", dtype=np.uint8))
    return np.compress(inside | ~blank, places)


def _next_mark(data: Bytes, place: Lengths) -> Lengths:
    """The first byte from each place on that is not blank."""
    rows = np.flatnonzero(_is_blank(data.take(place)))
    while len(rows):
        place[rows] += 1
        rows = rows[_is_blank(data.take(place.take(rows)))]
    return place


def _between(
    data: Bytes, start: Lengths, stop: Lengths, dialect: Dialect
) -> tuple[Positions, Lengths, Lengths]:
    """What is not blank between a token and the one before it: the tokens, and each part's start and stop."""
    left = np.append(0, stop[:-1])
    gaps = np.flatnonzero(left < start)
    left, right = left.take(gaps), start.take(gaps)
    rows = np.arange(len(gaps))
    while len(rows):
        rows = rows[_is_blank(data.take(left.take(rows)), dialect.blanks)]
        left[rows] += 1
        rows = rows[left.take(rows) < right.take(rows)]
    filled = np.flatnonzero(left < right)
    gaps, left, right = gaps.take(filled), left.take(filled), right.take(filled)
    rows = np.arange(len(gaps))
    while len(rows):
        rows = rows[_is_blank(data.take(right.take(rows) - 1), dialect.blanks)]
        right[rows] -= 1
    return gaps, left, right


def _is_blank(characters: Bytes, others: bytes = b"") -> NDArray[np.bool_]:
    # Unsigned: the terminator wraps around to something large.
    blank: NDArray[np.bool_] = (characters - np.uint8(1)) < _SPACE
    for other in others:
        blank |= characters == other
    return blank
