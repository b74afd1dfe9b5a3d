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


def encrypt(key: bytes, radix: int, tweak: bytes, numerals: Sequence[int]) -> list[int]:
    """FF1.Encrypt of one numeral string."""
    half = len(numerals) // 2
    a, b = _number(numerals[:half], radix), _number(numerals[half:], radix)
    for number in range(_ROUNDS):
        modulus = radix ** (half if number % 2 == 0 else len(numerals) - half)
        a, b = b, (a + _round(key, radix, tweak, len(numerals), number, b)) % modulus
    return _numerals(a, radix, half) + _numerals(b, radix, len(numerals) - half)


def decrypt(key: bytes, radix: int, tweak: bytes, numerals: Sequence[int]) -> list[int]:
    """FF1.Decrypt of one numeral string."""
    half = len(numerals) // 2
    a, b = _number(numerals[:half], radix), _number(numerals[half:], radix)
    for number in reversed(range(_ROUNDS)):
        modulus = radix ** (half if number % 2 == 0 else len(numerals) - half)
        a, b = (b - _round(key, radix, tweak, len(numerals), number, a)) % modulus, a
    return _numerals(a, radix, half) + _numerals(b, radix, len(numerals) - half)


def _round(key: bytes, radix: int, tweak: bytes, length: int, number: int, half: int) -> int:
    size = half_size(radix, length - length // 2)
    text = head(radix, length, len(tweak)) + tweak + bytes((-len(tweak) - size - 1) % 16)
    text += bytes([number]) + half.to_bytes(size, "big")
    mac = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor().update(text)[-16:]
    wanted = output_size(size)
    ecb = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    output = mac
    for counter in range(1, -(-wanted // 16)):
        output += ecb.update((int.from_bytes(mac, "big") ^ counter).to_bytes(16, "big"))
    return int.from_bytes(output[:wanted], "big")


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
