"""The laws of a whole mask: of its transform, and of the conditions, exceptions and likenesses around it."""

from __future__ import annotations

from dataclasses import replace

from datamask.catalog.model import ColumnType
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get
from datamask.masking.transform import Laws


def effective_laws(mask: ColumnMask) -> Laws:
    """What holds for every result of a mask.

    :raises PolicyError: the transform is unknown, or its parameters make no sense for the type.
    """
    transform = get(mask.transform)
    laws = transform.laws(mask.params, mask.type, mask.unique)
    if transform.replaces_empty:
        laws = _restored(laws, mask)
    if "case" in mask.preserve:
        # Two results may differ in the case of their letters alone.
        laws = replace(laws, injective=False, collision_bits=None, reversible=False)
    if "length" in mask.preserve:
        laws = replace(
            laws, injective=False, collision_bits=None, reversible=False, max_length=mask.type.max_length
        )
    return _selective(laws, mask) if mask.selective else laws


def _restored(laws: Laws, mask: ColumnMask) -> Laws:
    """With NULL or '' put back where the transform would have replaced them."""
    if "empty" in mask.preserve and laws.nulls == "made":
        laws = replace(laws, nulls="mixed")
    if "null" in mask.preserve and laws.nulls == "filled":
        laws = replace(laws, nulls="kept")
    return laws


def _selective(laws: Laws, mask: ColumnMask) -> Laws:
    """Where some values stay as they are.

    A permutation may make of another value just the one that stays; a keyed hash meets it by
    a chance as small as any other collision.
    """
    nulls = laws.nulls
    if nulls == "made" or (nulls == "filled" and mask.when is not None):
        nulls = "mixed"
    return replace(
        laws,
        injective=laws.injective and laws.collision_bits is not None,
        nulls=nulls,
        max_length=_longer(laws.max_length, mask.type),
        reversible=False,
        copy_safe=False,
    )


def _longer(length: int | None, column_type: ColumnType) -> int | None:
    if length is None or column_type.max_length is None:
        return None
    return max(length, column_type.max_length)
