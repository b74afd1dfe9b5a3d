"""Retention: what stays, whatever was taken and whatever the rules are."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from datamask.jobs.retention import NO_RULES, Candidate, Keep, staying

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

hours = st.lists(st.integers(0, 24 * 200), max_size=40)
rules = st.builds(
    Keep, last=st.integers(0, 5), daily=st.integers(0, 9), weekly=st.integers(0, 6), monthly=st.integers(0, 4)
)


def candidates(taken: list[int]) -> list[Candidate]:
    return [
        Candidate(f"s{number:03}", "ab"[number % 2], EPOCH + timedelta(hours=hour))
        for number, hour in enumerate(taken)
    ]


@given(hours, rules)
def test_every_rule_keeps_no_more_than_it_says_and_the_newest_stays(taken: list[int], keep: Keep) -> None:
    found = candidates(taken)
    stay = staying(found, keep)
    for group in "ab":
        own = [item for item in found if item.group == group]
        counts = Counter(reason for item in own for reason in stay.get(item.id, ()))
        assert counts["last"] == min(keep.last, len(own))
        for rule, key in (
            ("daily", lambda item: item.created.date()),
            ("weekly", lambda item: item.created.isocalendar()[:2]),
            ("monthly", lambda item: (item.created.year, item.created.month)),
        ):
            kept = [item for item in own if rule in stay.get(item.id, ())]
            # One a bucket, the newest of it, and the newest buckets first.
            assert (
                len({key(item) for item in kept})
                == len(kept)
                == min(getattr(keep, rule), len({key(item) for item in own}))
            )
            for item in kept:
                assert not any(key(other) == key(item) and other.created > item.created for other in own)
            spared = {key(item) for item in own} - {key(item) for item in kept}
            assert not kept or not spared or min(map(key, kept)) > max(spared)
        if own:
            newest = max(own, key=lambda item: (item.created, item.id))
            assert "newest" in stay[newest.id]


@given(hours, rules, st.data())
def test_what_is_in_use_stays_and_takes_no_place(taken: list[int], keep: Keep, data: st.DataObject) -> None:
    found = candidates(taken)
    used = data.draw(st.sets(st.sampled_from([item.id for item in found]))) if found else set()
    alone, together = staying(found, keep), staying(found, keep, in_use=used)
    assert together.keys() == alone.keys() | used


@given(hours, rules, rules)
def test_more_rules_keep_more(taken: list[int], keep: Keep, more: Keep) -> None:
    sum_of_both = Keep(
        *(getattr(keep, name) + getattr(more, name) for name in ("last", "daily", "weekly", "monthly"))
    )
    found = candidates(taken)
    assert staying(found, keep).keys() <= staying(found, sum_of_both).keys()


@given(hours, rules)
def test_pruning_again_removes_nothing(taken: list[int], keep: Keep) -> None:
    found = candidates(taken)
    stay = staying(found, keep)
    left = [item for item in found if item.id in stay]
    assert staying(left, keep).keys() == stay.keys()


def test_the_rules_in_words() -> None:
    assert str(Keep(last=3, weekly=4)) == "last 3, weekly 4"
    assert str(NO_RULES) == ""
