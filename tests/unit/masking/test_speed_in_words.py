"""The class of speed on a transform's page follows from what the transform says that it costs."""

import pytest

from datamask.masking.registry import get, names
from datamask.masking.speed import speed_in_words


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("null", "next to no time (50 million values a second and more)"),
        ("first_name", "fast (5 million values a second and more)"),
        ("iban", "medium (1 to 5 million values a second)"),
        ("json", "slow (100,000 to a million values a second)"),
        ("xml", "very slow (fewer than 100,000 values a second)"),
        ("sql", "as fast as the source's server evaluates it"),
        ("strip_metadata", "a second for an image of 100 MB"),
    ],
)
def test_every_class_has_its_words(name, said):
    assert speed_in_words(get(name)) == said


def test_dearer_transforms_are_never_said_to_be_faster():
    order = ["next", "fast", "medium", "slow", "very"]
    told = [(get(name).cost, speed_in_words(get(name)).split(" ")[0]) for name in names()]
    known = sorted((cost, order.index(word)) for cost, word in told if word in order)
    assert [place for _, place in known] == sorted(place for _, place in known)
    assert len(known) >= len(names()) - 3
