"""``datamask transform``: what transforms there are, what they do, and whether their laws hold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from datamask.errors import PolicyError, UsageError
from datamask.masking import registry
from datamask.masking.engine import Masker
from datamask.masking.files import content, refer
from datamask.masking.keys import MaskingKey
from datamask.masking.law_trial import TransformTrial, try_transform, types_for
from datamask.masking.model import ColumnMask, JSONValue
from datamask.masking.own_files import functions_in
from datamask.masking.params import Param
from datamask.masking.reference import example_of, example_params, laws_in_words
from datamask.masking.transform import Transform
from datamask.suggest import did_you_mean

OWN = "python"
"""The transform that a Python file's functions are used by."""

_EXAMPLE_KEY = MaskingKey(b"an example, not a secret: 32 bytes")


@dataclass(frozen=True, slots=True)
class ListedTransform:
    """A transform in short.

    :param kinds: the kinds of types that it takes; empty for all.
    :param built_in: False where an installed package brings it along.
    """

    name: str
    summary: str
    kinds: tuple[str, ...]
    built_in: bool


@dataclass(frozen=True, slots=True)
class ShownParam:
    """A parameter as it may be written."""

    name: str
    description: str
    default: JSONValue
    required: bool
    summary: str


@dataclass(frozen=True, slots=True)
class ShownTransform:
    """A transform with what there is to know of it.

    :param laws: in words, on the type of the example; None where it needs parameters to tell.
    :param example: values of the type ``example_type`` before and after, made with a key that is no secret.
    """

    listed: ListedTransform
    about: str
    laws: str | None
    params: tuple[ShownParam, ...]
    example_type: str | None
    example: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class TransformTrials:
    """What came of trying transforms.

    :param skipped: transforms that were not tried, with the reason.
    """

    trials: tuple[TransformTrial, ...]
    skipped: dict[str, str]
    values: int

    @property
    def broken(self) -> int:
        """Laws that did not hold."""
        return sum(trial.broken for trial in self.trials)


def list_transforms() -> tuple[ListedTransform, ...]:
    """Every transform, datamask's own first.

    :raises PolicyError: an installed package's cannot be imported.
    """
    return tuple(_listed(registry.get(name)) for name in registry.all_names())


def show_transform(name: str) -> ShownTransform:
    """One transform.

    :raises UsageError: there is none of that name.
    """
    transform = _named(name)
    laws, example_type, example = _example(transform)
    return ShownTransform(
        _listed(transform),
        _paragraph(transform.__doc__ or ""),
        laws,
        tuple(_param(param) for param in transform.params),
        example_type,
        example,
    )


def try_transforms(
    target: str | None = None, *, params: str | None = None, values: int = 10_000
) -> TransformTrials:
    """Try the laws of transforms on made-up values.

    :param target: a transform's name, or a Python file, all of whose masking functions are tried; by default
        every transform that needs no parameters.
    :param params: the transform's parameters as a JSON object; of a file's functions, their ``params``.
    :param values: how many different values injectivity is tried on.
    :raises UsageError: the target or the parameters mean nothing.
    :raises PolicyError: the file cannot be loaded.
    """
    given = _parsed(params)
    if target is None:
        if given:
            raise UsageError("--params needs the name of a transform or a file")
        return _try_all(values)
    if target.endswith(".py") or Path(target).is_file():
        return _try_file(target, given, values)
    checked = _named(target).validate(given)
    return _trials([(target, target, checked)], values)


def _try_all(values: int) -> TransformTrials:
    skipped: dict[str, str] = {}
    chosen: list[tuple[str, str, Mapping[str, JSONValue]]] = []
    for name in registry.all_names():
        transform = registry.get(name)
        if transform.source_side:
            skipped[name] = "the source's server evaluates it"
            continue
        try:
            chosen.append((name, name, example_params(transform)))
        except PolicyError as error:
            skipped[name] = error.message
    return _trials(chosen, values, skipped)


def _try_file(file: str, given: Mapping[str, JSONValue], values: int) -> TransformTrials:
    found = refer(file)
    functions = functions_in(content({"file": found}, "file"), file, str(found["sha256"]))
    if not functions:
        raise PolicyError(
            f"{file} has no masking function",
            hint="decorate one with @masking_function, see docs/howto/own-transform.md",
        )
    transform = registry.get(OWN)
    return _trials(
        [
            (name, OWN, transform.validate({"file": found, "function": name, "params": dict(given) or None}))
            for name in functions
        ],
        values,
    )


def _trials(
    chosen: Sequence[tuple[str, str, Mapping[str, JSONValue]]],
    values: int,
    skipped: dict[str, str] | None = None,
) -> TransformTrials:
    """The trials of transforms: what each is called, its name in the registry, its parameters."""
    passed_over = dict(skipped or {})
    trials = []
    for shown, name, params in chosen:
        types = types_for(name, params)
        if not types:
            passed_over[shown] = "there are no sample values of the types that it takes"
        for column_type in types:
            trial = try_transform(name, params, column_type, count=values)
            trials.append(TransformTrial(shown, trial.type, trial.laws, trial.problem))
    return TransformTrials(tuple(trials), passed_over, values)


def _parsed(params: str | None) -> dict[str, JSONValue]:
    if params is None:
        return {}
    try:
        given = json.loads(params)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise UsageError("--params must be a JSON object", hint="""such as '{"length": 16}'""")
    return given


def _named(name: str) -> Transform:
    if not registry.exists(name):
        raise UsageError(f"there is no transform {name!r}", hint=did_you_mean(name, registry.all_names()))
    return registry.get(name)


def _listed(transform: Transform) -> ListedTransform:
    kinds = tuple(sorted(transform.kinds)) if transform.kinds is not None else ()
    return ListedTransform(transform.name, transform.summary, kinds, transform.name in registry.names())


def _param(param: Param) -> ShownParam:
    return ShownParam(param.name, param.description, param.default, param.required, param.summary)


def _example(transform: Transform) -> tuple[str | None, str | None, tuple[tuple[str, str | None], ...]]:
    """Laws in words, and an example; nothing where the transform needs parameters that nobody can guess."""
    try:
        params = example_params(transform)
        column_type, values = example_of(transform)
        laws = laws_in_words(transform.laws(params, column_type, unique=False))
        mask = ColumnMask("value", transform.name, column_type, "example", params)
        needed = [name for name in transform.needs(params) if name != "value"]
        frame = pl.DataFrame({"value": values}, schema={"value": pl.String})
        frame = frame.with_columns(pl.col("value").alias(name) for name in needed)
        masked = Masker([mask], _EXAMPLE_KEY).mask(frame)["value"].to_list()
    except PolicyError:
        return None, None, ()
    return laws, column_type.name, tuple(zip(values, masked, strict=True))


def _paragraph(docstring: str) -> str:
    """A docstring's text, its lines joined; paragraphs stay apart."""
    paragraphs = docstring.strip().split("\n\n")
    return "\n\n".join(" ".join(line.strip() for line in one.splitlines()) for one in paragraphs)
