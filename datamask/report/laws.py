"""The laws of a transform's results in a few words."""

from __future__ import annotations

from datamask.masking.transform import Laws

_NULLS = {"kept": "", "made": "always NULL", "filled": "NULL is replaced"}


def laws_in_words(laws: Laws) -> str:
    """``unique, at most 40 characters``; for a table's cell."""
    said = []
    if laws.injective:
        said.append(f"unique ({laws.collision_bits}-bit hash)" if laws.collision_bits else "unique")
    if laws.reversible:
        said.append("reversible with the key")
    if _NULLS[laws.nulls]:
        said.append(_NULLS[laws.nulls])
    if laws.max_length is not None:
        said.append(f"at most {laws.max_length} characters")
    return ", ".join(said)
