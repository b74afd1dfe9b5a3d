"""Transforms inside transforms: a rule in a parameter, bound and asked about like a column's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking import registry
from datamask.masking.beside import LIKENESS, exceptions_of, preserved_of
from datamask.masking.effective import effective_laws
from datamask.masking.exceptions import excepting
from datamask.masking.files import refer
from datamask.masking.model import ColumnMask, JSONValue
from datamask.masking.params import KEEP, ParamKind
from datamask.masking.preserve import preserving, restoring
from datamask.masking.transform import Binding, Laws, MaskFunction, Transform

TEXT = ColumnType("text", "text", "text")
"""What the parts of a text or of a document are masked as."""


def bind_rule(rule: JSONValue, binding: Binding, column_type: ColumnType = TEXT) -> MaskFunction:
    """The function of a rule in its normal form, with its exceptions and likenesses.

    It takes a String series that may hold nulls, and the row's columns that :func:`rule_needs` names; NULL
    and the empty string stay as they are, as they do in a column of its own.

    :param binding: of the transform that holds the rule; without a domain of its own, the rule shares its.
    :raises PolicyError: the rule's transform does not take that type.
    """
    name, params, domain = _parts(rule)
    if name == KEEP:
        return lambda values, _: values
    transform = registry.get(name)
    refused = _refused(transform, params, column_type)
    if refused:
        raise PolicyError(f"{binding.mask.transform}: {refused}")
    mask = replace(_mask(rule, column_type), column=binding.mask.column, domain=domain or binding.mask.domain)
    bound = replace(binding, mask=mask)
    function = excepting(preserving(transform.bind(bound), bound), mask.exceptions)
    return restoring(function, bound) if transform.replaces_empty else around_empty(function)


def rule_laws(rule: JSONValue, column_type: ColumnType = TEXT) -> Laws:
    """What holds for the results of a rule in its normal form.

    :raises PolicyError: the transform does not take the type, or not with these parameters.
    """
    name, params, _ = _parts(rule)
    if name == KEEP:
        return Laws(injective=True, max_length=column_type.max_length, reversible=True, copy_safe=False)
    transform = registry.get(name)
    refused = _refused(transform, params, column_type)
    if refused:
        raise PolicyError(refused)
    mask = _mask(rule, column_type)
    if LIKENESS & set(mask.preserve) and column_type.kind != "text":
        raise PolicyError(
            f"case and length are preserved of texts, and {name} is about {column_type.name} here"
        )
    return effective_laws(mask)


def rule_needs(rule: JSONValue) -> tuple[str, ...]:
    """Other columns of the row that a rule in its normal form depends on."""
    name, params, _ = _parts(rule)
    return () if name == KEEP else registry.get(name).needs(params)


def resolve_files(transform: str, given: Mapping[str, JSONValue], folder: Path) -> dict[str, JSONValue]:
    """Parameters as they are written, with the files that they name found; in rules inside of them too.

    :param folder: what paths are relative to: the policy file's.
    :raises PolicyError: a file cannot be read, or there is no such transform.
    """
    declared = {param.name: param.kind for param in registry.get(transform).params}
    return {name: _with_files(declared.get(name), value, folder) for name, value in given.items()}


def _with_files(kind: ParamKind | None, value: JSONValue, folder: Path) -> JSONValue:
    if kind == "file" and isinstance(value, str):
        return refer(value, folder)
    if kind == "rules" and isinstance(value, dict):
        return {name: _with_files("rule", inner, folder) for name, inner in value.items()}
    if kind == "rule" and isinstance(value, dict):
        return {
            name: resolve_files(name, inner, folder) if isinstance(inner, dict) and name != KEEP else inner
            for name, inner in value.items()
        }
    return value


def around_empty(function: MaskFunction) -> MaskFunction:
    """The function, with NULL and '' taken out of its way and put back."""

    def filled(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        if not values.len():
            return values
        plain = values.fill_null("") if values.null_count() else values
        masked = function(plain, row)
        empty = plain.str.len_bytes() == 0
        return values.zip_with(empty, masked) if empty.any() else masked

    return filled


def _refused(transform: Transform, params: Mapping[str, JSONValue], column_type: ColumnType) -> str | None:
    if transform.reads_masked(params):
        return f"{transform.name} is made of other columns: it can be a column's rule, not one inside another"
    return transform.accepts(column_type)


def _mask(rule: JSONValue, column_type: ColumnType) -> ColumnMask:
    """The rule as the mask of a column without a name, in no domain."""
    assert isinstance(rule, dict)
    name, params, _ = _parts(rule)
    return ColumnMask(
        "", name, column_type, "", params, exceptions=exceptions_of(rule), preserve=preserved_of(rule)
    )


def _parts(rule: JSONValue) -> tuple[str, Mapping[str, JSONValue], str | None]:
    assert isinstance(rule, dict)
    name, params, domain = rule["transform"], rule["params"], rule["domain"]
    assert isinstance(name, str)
    assert isinstance(params, dict)
    assert domain is None or isinstance(domain, str)
    return name, params, domain
