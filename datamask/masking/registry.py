"""The transforms that there are, in one list: each is imported when it is first asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from datamask.errors import PolicyError
from datamask.masking import installed
from datamask.suggest import did_you_mean

if TYPE_CHECKING:
    from datamask.masking.transform import Transform

# By family, in the order of the documentation. Name → module in ``transforms`` and class.
_BUILT_IN = {
    "null": "constants.Null",
    "fixed": "constants.Fixed",
    "empty": "constants.Empty",
    "redact": "redact.Redact",
    "redact_json": "redact_json.RedactJson",
    "hash": "digest.Hash",
    "token": "opaque_token.Token",
    "template": "template.Template",
    "choice": "choice.Choice",
    "lookup": "lookup.Lookup",
    "generalize": "generalize.Generalize",
    "title": "title.Title",
    "first_name": "names.FirstName",
    "last_name": "names.LastName",
    "full_name": "names.FullName",
    "display_name": "names.DisplayName",
    "gender": "gender.Gender",
    "nationality": "nationality.Nationality",
    "email": "online.Email",
    "username": "online.Username",
    "phone": "phone.Phone",
    "street": "pooled.Street",
    "city": "pooled.City",
    "postal_code": "format.PostalCode",
    "place": "place.Place",
    "company": "pooled.Company",
    "job_title": "pooled.JobTitle",
    "zip3": "safe_harbor.Zip3",
    "birth_year": "safe_harbor.BirthYear",
    "birth_date": "birth_date.BirthDate",
    "shift_date": "dates.ShiftDate",
    "truncate_date": "dates.TruncateDate",
    "shift_time": "dates.ShiftTime",
    "number_noise": "number_noise.NumberNoise",
    "round": "coarse_numbers.Round",
    "bucket": "bucket.Bucket",
    "clip": "coarse_numbers.Clip",
    "percentile": "percentile.Percentile",
    "location": "location.Location",
    "key": "format.Key",
    "uuid": "identifiers.Uuid",
    "ulid": "sortable_id.Ulid",
    "object_id": "sortable_id.ObjectId",
    "ksuid": "sortable_id.Ksuid",
    "nanoid": "sortable_id.Nanoid",
    "prefixed_id": "prefixed_id.PrefixedId",
    "ff1": "format.FF1",
    "card_number": "card_number.CardNumber",
    "iban": "iban.Iban",
    "national_id": "national_id.NationalId",
    "plate": "plate.Plate",
    "vin": "vin.Vin",
    "ip": "ip.Ip",
    "mac": "mac.Mac",
    "hostname": "hostname.Hostname",
    "url": "online.Url",
    "free_text": "free_text.FreeText",
    "json": "json_document.Json",
    "base64_json": "base64_json.Base64Json",
    "hstore": "hstore.Hstore",
    "composite": "composite.Composite",
    "xml": "xml_document.Xml",
    "pairs": "pairs.Pairs",
    "user_agent": "user_agent.UserAgent",
    "avatar": "avatar.Avatar",
    "placeholder": "binary.Placeholder",
    "strip_metadata": "binary.StripMetadata",
    "python": "own.Python",
    "sql": "own.Sql",
}

# What others have and datamask has not (docs/design/decisions.md says why), and what to take for it.
_NO_SHUFFLE = (
    "a result must not depend on other rows: take percentile with `within: all`, or choice, and `by: id` for a new "
    "draw in each row"
)
_INSTEAD = {"shuffle": _NO_SHUFFLE, "swap": _NO_SHUFFLE, "permute": _NO_SHUFFLE}


def get(name: str) -> Transform:
    """The transform of that name.

    :raises PolicyError: there is none; the hint names the nearest.
    """
    if name in _BUILT_IN:
        return _built_in(name)
    if name in installed.names():
        return installed.load(name)
    hint = instead_of(name) or did_you_mean(name, all_names())
    raise PolicyError(f"there is no transform {name!r}", hint=hint)


def instead_of(name: str) -> str | None:
    """What to take instead of a transform that there is not for a reason; None where there is no such advice."""
    return _INSTEAD.get(name)


def exists(name: str) -> bool:
    """Whether there is a transform of that name; packages are only asked where datamask itself has none."""
    return name in _BUILT_IN or name in installed.names()


def names() -> tuple[str, ...]:
    """The names of datamask's own transforms, by family."""
    return tuple(_BUILT_IN)


def all_names() -> tuple[str, ...]:
    """The names of all transforms: datamask's own, then those of installed packages."""
    return (*_BUILT_IN, *(name for name in installed.names() if name not in _BUILT_IN))


@cache
def _built_in(name: str) -> Transform:
    module, _, made_by = _BUILT_IN[name].partition(".")
    transform: Transform = getattr(import_module(f"datamask.masking.transforms.{module}"), made_by)()
    assert transform.name == name
    return transform
