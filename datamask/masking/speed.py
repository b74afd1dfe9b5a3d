"""How fast a transform is, in words: a class rather than a figure, which every machine has its own of."""

from __future__ import annotations

from typing import Final

from datamask.masking.transform import Transform

# Nanoseconds a distinct value, at most, and what a core does with it in a second.
_CLASSES: Final = (
    (20, "next to no time", "50 million values a second and more"),
    (200, "fast", "5 million values a second and more"),
    (1_000, "medium", "1 to 5 million values a second"),
    (10_000, "slow", "100,000 to a million values a second"),
)
# What it costs hangs on the value's size.
_OF_THEIR_OWN: Final = {
    "free_text": "36 MB of text a second and more",
    "strip_metadata": "a second for an image of 100 MB",
}
_REST: Final = ("very slow", "fewer than 100,000 values a second")


def speed_in_words(transform: Transform) -> str:
    """The class of what a transform says that it costs: of distinct values, on one core.

    ``tests/benchmarks/bench_transforms.py`` measures whether that is so.
    """
    if transform.source_side:
        return "as fast as the source's server evaluates it"
    if transform.name in _OF_THEIR_OWN:
        return _OF_THEIR_OWN[transform.name]
    for most, word, rate in _CLASSES:
        if transform.cost <= most:
            return f"{word} ({rate})"
    word, rate = _REST
    return f"{word} ({rate})"
