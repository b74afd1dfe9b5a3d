"""What can be found in text, and what masks each kind in columns of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from datamask.masking import registry
from datamask.masking.model import JSONValue


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of finding.

    :param data_class: the class of columns that hold such values.
    :param transform: what masks a finding where no rule says otherwise.
    """

    data_class: str
    transform: str
    params: Mapping[str, JSONValue]


KINDS: Final[Mapping[str, Kind]] = {
    "email": Kind("person.email", "email", {}),
    "url": Kind("network.url", "url", {}),
    "handle": Kind("person.username", "username", {}),
    "phone": Kind("person.phone", "phone", {}),
    "card_number": Kind("payment.card_number", "card_number", {}),
    "iban": Kind("payment.iban", "iban", {}),
    "account": Kind("payment.account", "ff1", {}),
    "national_id": Kind("person.national_id", "ff1", {}),
    "ip": Kind("network.ip", "ip", {}),
    "mac": Kind("network.mac", "mac", {}),
    "uuid": Kind("network.device_id", "uuid", {}),
    "birth_date": Kind("person.birth_date", "shift_date", {"within": "30d"}),
    "first_name": Kind("person.first_name", "first_name", {}),
    "last_name": Kind("person.last_name", "last_name", {}),
    "full_name": Kind("person.name", "full_name", {}),
}
"""The kinds that rules are for."""

OWN_NAMES, LIKELY_NAMES = "own_names", "likely_names"
NAMES: Final = ("first_name", "last_name", "full_name")


def default_rule(kind: str, domain: str | None = None) -> dict[str, JSONValue]:
    """The rule of a kind where none is given, in its normal form."""
    known = KINDS[kind]
    params = registry.get(known.transform).validate(known.params)
    return {"transform": known.transform, "params": params, "domain": domain}


WRITTEN_IN_DIGITS: Final = frozenset(("phone", "card_number", "iban", "account", "national_id"))
"""Kinds whose separators may be those of a typesetter."""

FINDABLE: Final = (*(kind for kind in KINDS if kind not in NAMES), OWN_NAMES, LIKELY_NAMES)
"""What may be looked for."""

DEFAULT: Final = tuple(kind for kind in FINDABLE if kind != "uuid")
"""What is looked for where nothing else is said. UUIDs are mostly keys, which must still be found elsewhere."""
