"""The one thing of an image's EXIF data that it takes to show the image: which way up it is."""

from __future__ import annotations

import struct

# Tag, type (SHORT) and count of the orientation in EXIF 2.32, section 4.6.4.
_ORIENTATION, _SHORT = 0x0112, 3
_UPRIGHT, _LAST = 1, 8
_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}


def orientation_only(tiff: bytes) -> bytes | None:
    """EXIF data with nothing but the orientation of other EXIF data; None where that is upright, or cannot be told.

    :param tiff: as it stands in an image, from the TIFF header on.
    """
    try:
        orientation = _orientation(tiff)
    except struct.error:
        return None
    if not _UPRIGHT < orientation <= _LAST:
        return None
    # One directory with one entry, and no next one.
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, _SHORT, 1, orientation, 0, 0)


def _orientation(tiff: bytes) -> int:
    order = _ORDERS.get(tiff[:4])
    if order is None:
        return _UPRIGHT
    (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
    (entries,) = struct.unpack_from(f"{order}H", tiff, directory)
    for place in range(directory + 2, directory + 2 + 12 * entries, 12):
        tag, kind, count, value = struct.unpack_from(f"{order}HHIH", tiff, place)
        if (tag, kind, count) == (_ORIENTATION, _SHORT, 1):
            return int(value)
    return _UPRIGHT
