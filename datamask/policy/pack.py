"""The policy packs that come with datamask: rules for every data class, to extend."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "packs"

DEFAULT = "default"
"""The pack that a first policy extends."""


def pack_names() -> tuple[str, ...]:
    """The names that ``extends:`` takes besides paths."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def pack_path(name: str) -> Path:
    """Where the pack's file is; ``name`` is one of ``pack_names``."""
    return _FOLDER / f"{name}.yaml"
