from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from datamask.snapshot.take import new_id
from datamask.store.protocol import is_id


@settings(deadline=None)
@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)),
    st.integers(1, 10**9).map(lambda milliseconds: timedelta(milliseconds=milliseconds)),
)
def test_ids_sort_by_time(moment, later):
    assert new_id(moment) < new_id(moment + later)
    assert is_id(new_id(moment))
    assert len(new_id(moment)) == len("20260102-030405-abcdef")
