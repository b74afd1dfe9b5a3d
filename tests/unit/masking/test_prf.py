import polars as pl
import pytest
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given
from hypothesis import strategies as st

from datamask.masking.prf import Prf
from datamask.masking.text import pack

KEY = bytes(range(32))
RFC_4493_KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
RFC_4493_MESSAGE = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)


@pytest.mark.parametrize(
    ("length", "tag"),
    [
        (0, "bb1d6929e95937287fa37d129b756746"),
        (16, "070a16b46b4d4144f79bdd9dd04a287c"),
        (40, "dfa66747de9ae63030ca32611497c827"),
        (64, "51f0bebf7e3b9d92fc49741779363cfe"),
    ],
)
def test_the_vectors_of_rfc_4493(length, tag):
    import numpy as np

    from datamask.masking.text import Packed

    data = np.zeros(128, dtype=np.uint8)
    data[:length] = np.frombuffer(RFC_4493_MESSAGE[:length], dtype=np.uint8)
    message = Packed(data, np.array([0]), np.array([length]))
    assert Prf(RFC_4493_KEY).packed(message).tobytes().hex() == tag


def cmac(text: str) -> bytes:
    mac = CMAC(algorithms.AES(KEY))
    mac.update(text.encode())
    return mac.finalize()


@given(st.lists(st.text(max_size=70), max_size=30))
def test_tags_are_cmacs_of_the_text(texts):
    tags = Prf(KEY).wide(pl.Series(texts, dtype=pl.String))
    assert [row.tobytes() for row in tags] == [cmac(text) for text in texts]


def test_all_lengths_together():
    texts = ["x" * length for length in [*range(100), 5, 16, 17, 1000]]
    tags = Prf(KEY).wide(pl.Series(texts))
    assert [row.tobytes() for row in tags] == [cmac(text) for text in texts]


def test_words_are_the_first_half():
    words = Prf(KEY).words(pl.Series(["a", "b"]))
    assert words.tolist() == [int.from_bytes(cmac(text)[:8], "little") for text in "ab"]


def test_a_slice_of_a_longer_series():
    texts = pl.Series([f"value {number}" for number in range(100)])
    assert Prf(KEY).words(texts[40:60]).tolist() == Prf(KEY).words(texts).tolist()[40:60]
    assert len(pack(texts[40:60]).starts) == 20
