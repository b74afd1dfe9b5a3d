"""A policy's name, read without its rules: all that a load needs to know of one."""

from __future__ import annotations

from pathlib import Path

from datamask.config.document import load_document
from datamask.errors import PolicyError


def policy_name(path: Path) -> str:
    """The ``name`` that a policy file gives itself, else the file's.

    :raises PolicyError: where the file cannot be read.
    """
    top = load_document(path, kind=PolicyError).mapping("a policy")
    return top["name"].text("name") if "name" in top else path.stem
