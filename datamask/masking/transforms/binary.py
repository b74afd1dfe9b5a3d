"""Files in bytea columns: placeholder, strip_metadata."""

from __future__ import annotations

import binascii

import polars as pl

from datamask.masking.image_metadata import strip_image
from datamask.masking.params import Param, flag
from datamask.masking.placeholders import placeholder_of
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform


class Placeholder(Transform):
    """A small blank file of the same kind: PNG, JPEG, GIF, WebP, BMP, TIFF, SVG, PDF, ZIP, Word, Excel, gzip, MP4, WAV.

    The kind is told by the first bytes; what is of no known kind becomes empty. Nothing of the value stays.
    """

    name = "placeholder"
    summary = "a small blank file of the same kind"
    kinds = frozenset(("bytea",))
    cost = 60

    def column_laws(self, case: Case) -> Laws:  # noqa: ARG002
        """All files of one kind become equal."""
        return Laws(copy_safe=False)

    def bind(self, binding: Binding) -> MaskFunction:  # noqa: ARG002
        """The function for one column."""
        return lambda values, _: placeholder_of(values)


class StripMetadata(Transform):
    """An image without what is written about it: EXIF with its places, XMP, IPTC, comments, thumbnails, times.

    Of EXIF, only which way up the image is stays.

    JPEG, PNG, GIF and WebP; the picture itself is copied as it is, with faces and all. Any other value, and an image
    that is malformed, becomes the placeholder of its kind.
    """

    name = "strip_metadata"
    summary = "an image without its EXIF and other metadata"
    params = (Param("keep_icc", "boolean", True, "keep a colour profile, which may name the device"),)
    kinds = frozenset(("bytea",))
    # Images differ from each other: a dictionary would only copy them once more.
    cost = 10

    def column_laws(self, case: Case) -> Laws:  # noqa: ARG002
        """Images that differ in nothing but metadata become equal."""
        return Laws(copy_safe=False)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        keep_icc = flag(binding.params, "keep_icc")

        def masked(values: pl.Series, _: object) -> pl.Series:
            stripped = pl.Series(values=[_stripped(value, keep_icc) for value in values], dtype=pl.String)
            if not stripped.null_count():
                return stripped
            return stripped.zip_with(stripped.is_not_null(), placeholder_of(values))

        return masked


def _stripped(value: str, keep_icc: bool) -> str | None:
    try:
        image = binascii.unhexlify(value[2:])
    except ValueError:
        return None
    stripped = strip_image(image, keep_icc=keep_icc)
    return None if stripped is None else "\\x" + stripped.hex()
