"""What parameters a transform takes, and reading them from a policy's mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from datamask.errors import PolicyError
from datamask.masking.model import JSONValue
from datamask.suggest import did_you_mean

ParamKind = Literal["text", "integer", "number", "boolean", "duration", "locale", "scalar"]

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
}


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
                return isinstance(value, int | float) and not isinstance(value, bool)
            case "duration":
                return isinstance(value, str) and _DURATION.fullmatch(value) is not None
            case "locale":
                return isinstance(value, str) and _LOCALE.fullmatch(value) is not None
            case "scalar":
                return isinstance(value, str | int | float | bool)
            case "text":
                return isinstance(value, str)


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


def flag(params: Mapping[str, JSONValue], name: str) -> bool:
    """A boolean parameter."""
    return params[name] is True
