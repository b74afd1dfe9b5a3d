"""What parameters a transform takes, and reading them from a policy's mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import ClassVar, Literal, Protocol

from datamask.errors import PolicyError
from datamask.masking.beside import read_beside
from datamask.masking.files import is_reference, refer
from datamask.masking.model import JSONValue
from datamask.suggest import did_you_mean

ParamKind = Literal[
    "text", "integer", "number", "boolean", "duration", "locale", "scalar",
    "texts", "numbers", "mapping", "rule", "rules", "file",
]  # fmt: skip
"""``texts`` and ``numbers`` are lists that are not empty; ``mapping`` holds any JSON values by name; ``rule`` is
a transform inside a transform, ``rules`` are such rules by name; ``file`` is the path of a file, whose normal
form :mod:`datamask.masking.files` makes and reads."""

_DURATION = re.compile(r"(\d{1,6}) ?(d|w|m|y)")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_LOCALE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")

_DESCRIPTIONS: Mapping[ParamKind, str] = {
    "text": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "duration": "a length of time such as 30d, 6w, 3m (30 days each) or 1y (365 days)",
    "locale": "a locale such as en_US",
    "scalar": "text, a number, true or false",
    "texts": "a list of texts",
    "numbers": "a list of numbers",
    "mapping": "a mapping",
    "rule": "a transform, such as email or {email: {domain: example.com}}",
    "rules": "a mapping whose values are transforms, such as email or {email: {domain: example.com}}",
    "file": "the path of a file, relative to the policy file",
}

KEEP = "keep"
"""As a rule inside a transform: the value stays as it is."""


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a transform.

    :param default: None stands for "not given".
    :param choices: the only values there are, empty for any.
    :param minimum: of a number, or of a duration in days.
    :param maximum: of a number, or of a duration in days.
    """

    name: str
    kind: ParamKind
    default: JSONValue
    summary: str
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    def check(self, transform: str, value: JSONValue) -> JSONValue:
        """The value in its normal form.

        :raises PolicyError: it is of another kind, or out of range.
        """
        if not self._is_kind(value) or (self.choices and value not in self.choices):
            raise PolicyError(f"{transform}: {self.name} must be {self.description}")
        if self.kind == "file":
            return refer(str(value)) if isinstance(value, str) else value
        if self.kind == "rule":
            return _rule(transform, self, value)
        if self.kind == "rules":
            assert isinstance(value, dict)
            return {name: _rule(transform, self, inner) for name, inner in value.items()}
        size = days(str(value)) if self.kind == "duration" else value
        if isinstance(size, int | float) and not isinstance(size, bool):
            too_small = self.minimum is not None and size < self.minimum
            if too_small or (self.maximum is not None and size > self.maximum):
                raise PolicyError(f"{transform}: {self.name} must be {self.description}")
        return value

    @property
    def description(self) -> str:
        """What a value must be, in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        words = _DESCRIPTIONS[self.kind]
        unit = " days" if self.kind == "duration" else ""
        if self.minimum is not None and self.maximum is not None:
            return f"{words}, {self.minimum:g} to {self.maximum:g}{unit}"
        if self.minimum is not None:
            return f"{words}, at least {self.minimum:g}{unit}"
        return words

    def _is_kind(self, value: JSONValue) -> bool:
        match self.kind:
            case "boolean":
                return isinstance(value, bool)
            case "integer":
                return isinstance(value, int) and not isinstance(value, bool)
            case "number":
                return _is_number(value)
            case "duration":
                return isinstance(value, str) and _DURATION.fullmatch(value) is not None
            case "locale":
                return isinstance(value, str) and _LOCALE.fullmatch(value) is not None
            case "scalar":
                return isinstance(value, str | int | float | bool)
            case "text":
                return isinstance(value, str)
            case "texts":
                return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)
            case "numbers":
                return isinstance(value, list) and bool(value) and all(map(_is_number, value))
            case "mapping" | "rules":
                return isinstance(value, dict) and bool(value)
            case "file":
                return is_reference(value) or (isinstance(value, str) and bool(value.strip()))
            case "rule":
                # YAML reads the transform's name, null, as its own null; a parameter that is not given is None too.
                return isinstance(value, str | dict) and bool(value)


def _is_number(value: JSONValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _rule(transform: str, param: Param, value: JSONValue) -> JSONValue:
    """A rule inside a transform in its normal form: ``{transform, params, domain}``, and ``except`` and ``preserve``
    where it has them.

    The normal form of a normal form is itself.

    :raises PolicyError: naming what is wrong inside.
    """
    if value is None:
        value = "null"
    if isinstance(value, str):
        value = {value: None}
    if not isinstance(value, dict):
        raise PolicyError(f"{transform}: {param.name} must be {param.description}")
    if {"transform", "params", "domain"} <= set(value):
        return value
    if "when" in value:
        raise PolicyError(
            f"{transform}: {param.name}: when is about rows, and cannot stand inside of {transform}",
            hint=f"write it beside {transform}, for the whole column",
        )
    named = [name for name in value if name not in {"domain", "except", "preserve"}]
    if len(named) != 1:
        raise PolicyError(f"{transform}: {param.name} must name exactly one transform, not {len(named)}")
    inner, domain = value[named[0]], value.get("domain")
    if not (inner is None or isinstance(inner, dict)) or not (domain is None or isinstance(domain, str)):
        raise PolicyError(f"{transform}: {param.name} must be {param.description}")
    try:
        beside = read_beside(value)
        if named[0] == KEEP:
            if inner or beside:
                raise PolicyError("keep leaves every value as it is, and takes nothing")
            return {"transform": KEEP, "params": {}, "domain": domain}
        inside = _transform(named[0])
        if inside.source_side:
            raise PolicyError(f"cannot be {named[0]}: the source's server masks whole columns only")
        checked = inside.validate(inner or {})
    except PolicyError as error:
        raise PolicyError(f"{transform}: {param.name} {error.message}", hint=error.hint) from None
    return {"transform": named[0], "params": checked, "domain": domain, **beside}


class _Transform(Protocol):
    """What is asked of the transform of a rule inside a transform."""

    source_side: ClassVar[bool]

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]: ...


def _transform(name: str) -> _Transform:
    # The registry lists transforms, which are made of parameters: it can only be asked when all are there.
    found: _Transform = import_module("datamask.masking.registry").get(name)
    return found


def check_params(
    transform: str, declared: tuple[Param, ...], given: Mapping[str, JSONValue]
) -> dict[str, JSONValue]:
    """The given parameters in their normal form, with defaults for the others.

    :raises PolicyError: a parameter that there is not (names the nearest), that lacks or that is wrong.
    """
    names = [param.name for param in declared]
    for name in given:
        if name not in names:
            raise PolicyError(f"{transform}: there is no parameter {name!r}", hint=did_you_mean(name, names))
    checked: dict[str, JSONValue] = {}
    for param in declared:
        value = given.get(param.name)
        if value is None and param.required:
            raise PolicyError(f"{transform}: {param.name} is missing; it must be {param.description}")
        checked[param.name] = param.default if value is None else param.check(transform, value)
    return checked


def days(duration: str) -> int:
    """A duration such as ``30d`` in days."""
    match = _DURATION.fullmatch(duration)
    if match is None:
        raise ValueError(f"not a duration: {duration!r}")
    return int(match[1]) * _DAYS[match[2]]


def text(params: Mapping[str, JSONValue], name: str) -> str:
    """A text parameter that has a value."""
    return str(params[name])


def whole(params: Mapping[str, JSONValue], name: str) -> int:
    """An integer parameter that has a value."""
    value = params[name]
    assert isinstance(value, int)
    return value


def optional_whole(params: Mapping[str, JSONValue], name: str) -> int | None:
    """An integer parameter that may be left out."""
    return None if params[name] is None else whole(params, name)


def texts(params: Mapping[str, JSONValue], name: str) -> tuple[str, ...]:
    """A list of texts; empty where it was left out."""
    value = params[name]
    return tuple(map(str, value)) if isinstance(value, list) else ()


def flag(params: Mapping[str, JSONValue], name: str) -> bool:
    """A boolean parameter."""
    return params[name] is True
