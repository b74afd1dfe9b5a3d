"""Safe Harbor's ZIP codes and years of birth, on the types that they take."""

from __future__ import annotations

from law_case import CHAR, DATE, TEXT, TIMESTAMP, TIMESTAMPTZ, Case, varchar


def _zips(count: int) -> list[str]:
    return [f"{number:05d}" for number in range(0, 100_000, max(1, 100_000 // count))][:count]


_ODD = (
    "94107-1234", "941071234", "94107 1234", " 03601 ", "03601-0001", "SW1A 1AA", "9410", "941070", "٩٤١٠٧",
)  # fmt: skip

CASES: list[Case] = [
    *(
        Case("zip3", column_type, {}, keyed=False, many=_zips, odd=_ODD, stays=True)
        for column_type in (TEXT, CHAR, varchar(5))
    ),
    Case("zip3", TEXT, {"sparse": ["941"]}, keyed=False, many=_zips, odd=_ODD, stays=True),
    *(
        Case("birth_year", column_type, {}, keyed=False, stays=True)
        for column_type in (DATE, TIMESTAMP, TIMESTAMPTZ)
    ),
    Case("birth_year", DATE, {"oldest": 1980}, keyed=False, stays=True),
]
