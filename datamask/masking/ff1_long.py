"""FF1 (NIST SP 800-38G) one string at a time, for strings whose halves are no machine words.

Follows the standard step by step with Python's integers, for any radix, length and tweak.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_ROUNDS = 10


def half_size(radix: int, numerals: int) -> int:
    """b: the bytes that the longer half's number takes."""
    largest: int = radix**numerals - 1
    return (largest.bit_length() + 7) // 8


def output_size(half: int) -> int:
    """d: the bytes of PRF output that a round uses, for halves of ``half`` bytes."""
    return 4 * -(-half // 4) + 4


def head(radix: int, length: int, tweak: int) -> bytes:
    """P: the first block, which names all sizes."""
    return (
        bytes([1, 2, 1])
        + radix.to_bytes(3, "big")
        + bytes([_ROUNDS, (length // 2) % 256])
        + length.to_bytes(4, "big")
        + tweak.to_bytes(4, "big")
    )


class RoundFunction:
    """The PRF of all rounds for strings of one length; what does not depend on the value is chained once.

    :param key: 16, 24 or 32 bytes.
    """

    def __init__(self, key: bytes, radix: int, tweak: bytes, length: int) -> None:
        self.radix = radix
        self.length = length
        self._size = half_size(radix, length - length // 2)
        self._wanted = output_size(self._size)
        # ECB keeps no state between blocks, so one context serves all of them.
        self._encrypt = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update
        constant = head(radix, length, len(tweak)) + tweak + bytes((-len(tweak) - self._size - 1) % 16)
        whole = len(constant) // 16 * 16
        self._state = self._chained(0, constant[:whole])
        self._rest = constant[whole:]

    def __call__(self, number: int, half: int) -> int:
        """Round ``number``'s output for a half, as a number."""
        state = self._chained(self._state, self._rest + bytes([number]) + half.to_bytes(self._size, "big"))
        output = state.to_bytes(16, "big")
        for counter in range(1, -(-self._wanted // 16)):
            output += self._encrypt((state ^ counter).to_bytes(16, "big"))
        return int.from_bytes(output[: self._wanted], "big")

    def _chained(self, state: int, blocks: bytes) -> int:
        for at in range(0, len(blocks), 16):
            block = state ^ int.from_bytes(blocks[at : at + 16], "big")
            state = int.from_bytes(self._encrypt(block.to_bytes(16, "big")), "big")
        return state


def encrypt(prf: RoundFunction, numerals: Sequence[int]) -> list[int]:
    """FF1.Encrypt of one numeral string."""
    radix, half = prf.radix, len(numerals) // 2
    moduli = (radix**half, radix ** (len(numerals) - half))
    a, b = _number(numerals[:half], radix), _number(numerals[half:], radix)
    for number in range(_ROUNDS):
        a, b = b, (a + prf(number, b)) % moduli[number % 2]
    return _numerals(a, radix, half) + _numerals(b, radix, len(numerals) - half)


def decrypt(prf: RoundFunction, numerals: Sequence[int]) -> list[int]:
    """FF1.Decrypt of one numeral string."""
    radix, half = prf.radix, len(numerals) // 2
    moduli = (radix**half, radix ** (len(numerals) - half))
    a, b = _number(numerals[:half], radix), _number(numerals[half:], radix)
    for number in reversed(range(_ROUNDS)):
        a, b = (b - prf(number, a)) % moduli[number % 2], a
    return _numerals(a, radix, half) + _numerals(b, radix, len(numerals) - half)


def _number(numerals: Sequence[int], radix: int) -> int:
    number = 0
    for numeral in numerals:
        number = number * radix + numeral
    return number


def _numerals(number: int, radix: int, width: int) -> list[int]:
    numerals = [0] * width
    for position in range(width - 1, -1, -1):
        number, numerals[position] = divmod(number, radix)
    return numerals
