"""``datamask key``: making a masking key, and telling which one is in use."""

from __future__ import annotations

from dataclasses import dataclass

from datamask.commands.project import Project
from datamask.masking.keys import MaskingKey, new_key


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made and is kept nowhere.

    :param key: the secret itself.
    """

    key: str
    key_id: str


@dataclass(frozen=True, slots=True)
class KeyInUse:
    """The configured key, without the key.

    :param reference: where the configuration says it is.
    """

    key_id: str
    reference: str


def make_key() -> NewKey:
    """A new random key of 256 bits."""
    key = new_key()
    return NewKey(key, MaskingKey.parse(key).key_id)


def key_in_use(project: Project) -> KeyInUse:
    """The id of the project's key.

    :raises PolicyError: where there is none, or it is too short.
    """
    return KeyInUse(project.key().key_id, str(project.settings.masking_key))
