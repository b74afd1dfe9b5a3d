"""The transforms that there are, in one list."""

from __future__ import annotations

from collections.abc import Iterable

from datamask.errors import PolicyError
from datamask.masking.transform import Transform
from datamask.masking.transforms.card_number import CardNumber
from datamask.masking.transforms.constants import Empty, Fixed, Null
from datamask.masking.transforms.dates import BirthDate, ShiftDate, TruncateDate
from datamask.masking.transforms.digest import Hash
from datamask.masking.transforms.format import FF1, Key, PostalCode
from datamask.masking.transforms.identifiers import Uuid
from datamask.masking.transforms.ip import Ip
from datamask.masking.transforms.number_noise import NumberNoise
from datamask.masking.transforms.online import Email, Url, Username
from datamask.masking.transforms.phone import Phone
from datamask.masking.transforms.pooled import City, Company, FirstName, FullName, LastName, Street
from datamask.masking.transforms.redact import Redact
from datamask.masking.transforms.redact_json import RedactJson
from datamask.suggest import did_you_mean


def index(transforms: Iterable[Transform]) -> dict[str, Transform]:
    """Transforms by name.

    :raises ValueError: two have the same name.
    """
    by_name: dict[str, Transform] = {}
    for transform in transforms:
        if transform.name in by_name:
            raise ValueError(f"two transforms are called {transform.name!r}")
        by_name[transform.name] = transform
    return by_name


_TRANSFORMS = index(
    (
        Null(),
        Fixed(),
        Empty(),
        Redact(),
        RedactJson(),
        Hash(),
        FirstName(),
        LastName(),
        FullName(),
        Email(),
        Username(),
        Phone(),
        Street(),
        City(),
        PostalCode(),
        Company(),
        BirthDate(),
        ShiftDate(),
        TruncateDate(),
        NumberNoise(),
        Key(),
        Uuid(),
        FF1(),
        CardNumber(),
        Ip(),
        Url(),
    )
)


def get(name: str) -> Transform:
    """The transform of that name.

    :raises PolicyError: there is none; the hint names the nearest.
    """
    if name not in _TRANSFORMS:
        raise PolicyError(f"there is no transform {name!r}", hint=did_you_mean(name, _TRANSFORMS))
    return _TRANSFORMS[name]


def names() -> tuple[str, ...]:
    """The names of all transforms, by family."""
    return tuple(_TRANSFORMS)
