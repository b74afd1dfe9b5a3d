"""The masking key and what is derived from it.

Every use of the key has its own sub-key: HKDF with SHA-256 (RFC 5869) over the domain and the
purpose, so nothing that one domain's pseudonyms give away says anything about another's.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from datamask.errors import PolicyError

MIN_BYTES: Final = 32
"""The shortest masking key: 256 bits."""

# Fixed and public: it sets this use apart from any other that a key may have.
_SALT: Final = b"datamask masking key v1"
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{43,}={0,2}")
_HINT = "`datamask key new` prints a good one; keep it in a secret store and refer to it as `masking_key`."


class SubKey(bytes):
    """A derived key.

    :ivar inverse: permutations made with it undo what they do with its equal that is not inverse.
    """

    inverse: bool = False


class MaskingKey:
    """The secret behind every pseudonym.

    Picklable, compared by content, never shown: its ``repr`` is the key's id.

    :param secret: at least 32 bytes.
    :param inverse: see :meth:`inverted`.
    :raises PolicyError: the key is shorter.
    """

    __slots__ = ("_inverse", "_secret", "key_id")

    def __init__(self, secret: bytes, *, inverse: bool = False) -> None:
        if len(secret) < MIN_BYTES:
            raise PolicyError(
                f"the masking key has {len(secret)} bytes, at least {MIN_BYTES} are needed",
                hint=_HINT,
            )
        self._secret = secret
        self._inverse = inverse
        self.key_id = self.derive("key id", length=6).hex()
        """A fingerprint of 12 hexadecimal digits; safe to store and to print."""

    @classmethod
    def parse(cls, text: str) -> MaskingKey:
        """The key that a secret reference resolved to; surrounding white space is ignored.

        The first form that fits and gives at least 32 bytes is taken: hexadecimal (64 digits or
        more), base64 or base64url (43 characters or more), else the text itself as UTF-8.

        :raises PolicyError: empty, or less than 32 bytes in every form.
        """
        text = text.strip()
        if not text:
            raise PolicyError("the masking key is empty", hint=_HINT)
        return cls(_hexadecimal(text) or _base64(text) or text.encode())

    def inverted(self) -> MaskingKey:
        """The same key, turned round: with it every permutation (and nothing else) gives back originals.

        A permutation is FF1 or a keyed shuffle, with cycle-walking among what a condition holds for; the
        inverse of each is the same construction over the inverse steps, so a transform need not know.
        """
        return MaskingKey(self._secret, inverse=not self._inverse)

    def derive(self, purpose: str, domain: str = "", length: int = 32) -> SubKey:
        """A sub-key of ``length`` bytes for one purpose in one domain."""
        # A length before each part: no two pairs of purpose and domain give the same bytes.
        parts = (purpose.encode(), domain.encode())
        info = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        derived = SubKey(HKDF(hashes.SHA256(), length, salt=_SALT, info=info).derive(self._secret))
        derived.inverse = self._inverse
        return derived

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, MaskingKey)
            and self._inverse == other._inverse
            and secrets.compare_digest(self._secret, other._secret)
        )

    def __hash__(self) -> int:
        return hash(self.key_id)

    def __repr__(self) -> str:
        return f"MaskingKey({self.key_id})"


def new_key() -> str:
    """A new random key of 32 bytes, as base64url text of 43 characters."""
    return base64.urlsafe_b64encode(secrets.token_bytes(MIN_BYTES)).rstrip(b"=").decode()


def _hexadecimal(text: str) -> bytes | None:
    if len(text) >= 2 * MIN_BYTES and _HEX.fullmatch(text):
        return bytes.fromhex(text)
    return None


def _base64(text: str) -> bytes | None:
    if not _BASE64.fullmatch(text):
        return None
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        secret = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return None
    return secret if len(secret) >= MIN_BYTES else None
