"""What sampled values say about a column: formats, check digits, names; never the values themselves.

A few of the distinct values are tried first: what none or hardly any of them is, is not tried on the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from datamask.classify.by_name import Guess
from datamask.classify.formats import FORMATS, is_card_number, is_key_like, year_of
from datamask.classify.national_ids import national_id_class
from datamask.classify.person_names import has_person_names, person_name_class
from datamask.classify.phone_numbers import are_national_phones

Values = Sequence[str | None]

# Below this many values a share says nothing.
_FEWEST: Final = 5
_PROBE: Final = 24
_MOST: Final = 250
# The beginning tells a format; patterns must not walk through whole documents.
_BEGINNING: Final = 200

# Check digits alone: by chance one number in ten passes.
_NUMBERS_SHARE: Final = 0.9

_CONTACT = re.compile(
    r"[^@\s<>\"]+@[^@\s.]+\.[^@\s]+|\+[1-9][\d ().-]{7,16}\d|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}|\(\d{3}\) ?\d{3}-\d{4}"
)
_LABEL: Final = 40


def distinct(values: Values) -> list[str]:
    """The beginnings of distinct values that are not empty, in the order in which they come, at most some hundreds."""
    found: dict[str, None] = {}
    for value in values:
        if value is not None and (value := value[:_BEGINNING].strip()):
            found[value] = None
            if len(found) == _MOST:
                break
    return list(found)


def guess_by_values(values: Values) -> Guess | None:
    """The data class that most of the sampled values of a text column have the format of, or None.

    :param values: a column's values as PostgreSQL text, None for NULL.
    """
    if sum(value is not None and not value.isspace() and value != "" for value in values) < _FEWEST:
        return None
    found = distinct(values)
    probe = found[:: max(1, len(found) // _PROBE)]
    for data_class, check, least, confidence in FORMATS:
        share = _share(probe, found, check, least)
        if share >= least:
            # Only the share goes into the reason: a value must not.
            return Guess(data_class, confidence, f"{_percent(share)} of sampled values have its format")
    national = national_id_class(found)
    if national:
        return Guess(national, 0.9, "sampled values have its check digits")
    if are_national_phones(found):
        return Guess("person.phone", 0.75, "sampled values are valid numbers of one country")
    name = person_name_class(found)
    if name:
        return Guess(name[0], 0.7, f"{_percent(name[1])} of sampled values hold a common name of persons")
    return None


def guess_by_numbers(values: Values) -> Guess | None:
    """As ``guess_by_values`` for a column of long whole numbers, which only check digits can tell."""
    found = distinct(values)
    if len(found) < 2 * _FEWEST:
        return None
    cards = sum(map(is_card_number, found)) / len(found)
    if cards >= _NUMBERS_SHARE:
        return Guess("payment.card_number", 0.85, f"{_percent(cards)} of sampled values are card numbers")
    national = national_id_class(found)
    return Guess(national, 0.8, "sampled values have its check digits") if national else None


def guess_by_dates(values: Values) -> Guess | None:
    """Dates of birth lie decades apart and end some years ago; those of orders and records do not."""
    years = sorted(year for value in values if value and (year := year_of(value)) is not None)
    if len(years) < 4 * _FEWEST:
        return None
    early, middle, late = years[len(years) // 20], years[len(years) // 2], years[-1 - len(years) // 20]
    if early >= 1915 and late - early >= 25 and 1935 <= middle <= 2005:
        return Guess("person.birth_date", 0.6, "sampled dates lie as far apart as dates of birth")
    return None


def holds_contacts(values: Values) -> bool:
    """True where some values contain an e-mail address, a phone or an account number, whatever else they hold."""
    return any(_CONTACT.search(value) for value in distinct(values))


def looks_secret(values: Values) -> bool:
    """True where nearly all values are long runs of letters and digits: hashes, keys, tokens."""
    found = distinct(values)
    return len(found) > 0 and sum(map(is_key_like, found)) >= 0.95 * len(found)


def is_label(values: Values) -> bool:
    """True for a few short values that come again and again: a status, not somebody's words or name."""
    present = [value for value in values if value is not None and value.strip()]
    found = set(present)
    return (
        len(present) >= 30
        and len(found) * 10 <= len(present)
        and all(len(value) <= _LABEL and not is_key_like(value) for value in found)
        and not holds_contacts(list(found))
        and not has_person_names(list(found))
    )


def _share(probe: Sequence[str], values: Sequence[str], check: Callable[[str], bool], least: float) -> float:
    hits = sum(map(check, probe))
    if len(probe) == len(values):
        return hits / len(values)
    # A third of what is needed: the probe may be unlucky.
    return sum(map(check, values)) / len(values) if hits * 3 >= least * len(probe) else 0.0


def _percent(share: float) -> str:
    return f"{int(share * 100)} %"
