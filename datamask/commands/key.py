"""``datamask key``: making a masking key, telling which one is in use, putting a new one in its place."""

from __future__ import annotations

from dataclasses import dataclass

from datamask.commands.project import Project
from datamask.commands.selection import readable_manifests
from datamask.config.secret_rotation import replace_secret
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


@dataclass(frozen=True, slots=True)
class Rotation:
    """A new key instead of the one in use.

    :param key: the new secret, where datamask cannot store it; None where it did.
    :param kept: where the old key is now; None where nothing was stored.
    :param snapshots: how many snapshots of the store have the old key's pseudonyms.
    """

    old_id: str
    new_id: str
    reference: str
    key: str | None
    kept: str | None
    snapshots: int


def make_key() -> NewKey:
    """A new random key of 256 bits."""
    key = new_key()
    return NewKey(key, MaskingKey.parse(key).key_id)


def key_in_use(project: Project) -> KeyInUse:
    """The id of the project's key.

    :raises PolicyError: where there is none, or it is too short.
    """
    return KeyInUse(project.key().key_id, str(project.settings.masking_key))


def rotate_key(project: Project) -> Rotation:
    """Make a new key, and store it where the configuration looks for it, if that is a place that can be written.

    The old key is kept beside it: snapshots that are there stay readable without any key, but only the old
    one can reveal what is in them, or add to them.

    :raises PolicyError: where there is no key that could be rotated.
    """
    reference = project.settings.masking_key
    old = project.key()
    assert reference is not None
    made = make_key()
    snapshots = sum(manifest.key_id == old.key_id for manifest in readable_manifests(project))
    with project.audit().action("key rotate", old=old.key_id, new=made.key_id, reference=str(reference)):
        kept = replace_secret(reference, made.key, old_name=old.key_id)
    return Rotation(old.key_id, made.key_id, str(reference), None if kept else made.key, kept, snapshots)
