"""Ed25519 (RFC 8032) over canonical JSON: who said exactly this."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from datamask.errors import UsageError

PUBLIC_PREFIX = "ed25519:"
PRIVATE_PREFIX = "ed25519-private:"

# Sets what is signed here apart from anything else that the key may sign.
_CONTEXT = b"datamask signature v1\n"

_BYTES = 32


def new_signing_key() -> tuple[str, str]:
    """A person's new key: the private half to keep, the public half for ``datamask.yaml``."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
    )
    text = PRIVATE_PREFIX + base64.b64encode(private).decode()
    return text, public_half(text)


def public_half(private: str) -> str:
    """The public key that belongs to a private one.

    :raises UsageError: it is no private key.
    """
    public = _private(private).public_key().public_bytes_raw()
    return PUBLIC_PREFIX + base64.b64encode(public).decode()


def sign(content: Mapping[str, object], private: str) -> str:
    """The signature of a content, as base64.

    :raises UsageError: it is no private key.
    """
    return base64.b64encode(_private(private).sign(_signed_bytes(content))).decode()


def is_signed_by(content: Mapping[str, object], signature: str, public: str) -> bool:
    """True where the holder of the public key's other half signed exactly this content."""
    try:
        key = Ed25519PublicKey.from_public_bytes(_decoded(public, PUBLIC_PREFIX))
        key.verify(base64.b64decode(signature, validate=True), _signed_bytes(content))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def is_public_key(text: str) -> bool:
    """True where the text has the form of a public key."""
    try:
        return len(_decoded(text, PUBLIC_PREFIX)) == _BYTES
    except ValueError:
        return False


def canonical(content: Mapping[str, object]) -> bytes:
    """The content as JSON in its one form."""
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    ).encode()


def _signed_bytes(content: Mapping[str, object]) -> bytes:
    return _CONTEXT + canonical(content)


def _private(text: str) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(_decoded(text.strip(), PRIVATE_PREFIX))
    except ValueError:
        # The text itself is a secret, and is not repeated.
        raise UsageError(
            "that is no signing key", hint="`datamask approve new-key` makes one; name it with --key REF"
        ) from None


def _decoded(text: str, prefix: str) -> bytes:
    if not text.startswith(prefix):
        raise ValueError(prefix)
    return base64.b64decode(text.removeprefix(prefix), validate=True)
