import base64
import pickle

import pytest

from datamask.errors import PolicyError
from datamask.masking.keys import MaskingKey, new_key


def test_a_new_key_parses_to_32_bytes_and_is_another_each_time():
    first, second = new_key(), new_key()
    assert first != second
    assert len(base64.urlsafe_b64decode(first + "=")) == 32
    assert MaskingKey.parse(first) == MaskingKey(base64.urlsafe_b64decode(first + "="))


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("00" * 32, bytes(32)),
        ("  " + "AB" * 40 + "\n", b"\xab" * 40),
        (base64.b64encode(bytes(range(32))).decode(), bytes(range(32))),
        (base64.b64encode(b"\xff" * 48).decode(), b"\xff" * 48),
        (base64.urlsafe_b64encode(b"\xfb\xff" * 16).decode().rstrip("="), b"\xfb\xff" * 16),
        ("correct horse battery staple, thirty-two", b"correct horse battery staple, thirty-two"),
        ("é" * 16, "é".encode() * 16),
    ],
)
def test_forms_of_a_key(text, secret):
    assert MaskingKey.parse(text) == MaskingKey(secret)


def test_a_short_key_is_refused():
    with pytest.raises(PolicyError) as caught:
        MaskingKey.parse("swordfish")
    assert caught.value.message == "the masking key has 9 bytes, at least 32 are needed"
    assert "datamask key new" in (caught.value.hint or "")


def test_62_hexadecimal_digits_are_too_short_for_hexadecimal_and_count_as_other_forms():
    # 31 bytes of hexadecimal are no key in that form; as base64 the text has 46.
    assert MaskingKey.parse("ab" * 31) == MaskingKey(base64.b64decode("ab" * 31 + "=="))


def test_an_empty_key_is_refused():
    with pytest.raises(PolicyError, match="the masking key is empty"):
        MaskingKey.parse(" \n")


def test_the_key_is_never_shown_and_its_id_is_stable():
    key = MaskingKey(b"k" * 32)
    assert repr(key) == f"MaskingKey({key.key_id})"
    assert "kkkk" not in repr(key)
    assert len(key.key_id) == 12
    assert key.key_id == MaskingKey(b"k" * 32).key_id != MaskingKey(b"l" * 32).key_id


def test_it_survives_pickling():
    key = MaskingKey(b"k" * 32)
    copy = pickle.loads(pickle.dumps(key))
    assert copy == key
    assert copy.key_id == key.key_id
    assert copy.derive("a", "b") == key.derive("a", "b")


def test_subkeys_differ_by_purpose_and_domain():
    key = MaskingKey(b"k" * 32)
    derived = {key.derive(purpose, domain) for purpose in ("a", "ab", "") for domain in ("b", "", "bb")}
    assert len(derived) == 9
    assert len(key.derive("a", "b", 64)) == 64
