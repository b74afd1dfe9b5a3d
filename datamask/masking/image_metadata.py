"""Images without what is written about them: taken apart into their segments, nothing encoded again.

What an image needs to be shown is kept by name; everything else goes: EXIF with its places and cameras (all of it but
which way up the image is), XMP, IPTC, comments, thumbnails, and whatever stands behind the image's end. Formats: JPEG
(ITU-T T.81 annex B, JFIF 1.02), PNG (ISO/IEC 15948, third edition), GIF89a, WebP (RFC 9649).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator

from datamask.masking.exif import orientation_only

_PNG = b"\x89PNG\r\n\x1a\n"
# Critical chunks, and those that change how the picture looks; time, text and EXIF are not among them.
_PNG_CHUNKS = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"sBIT", b"sRGB", b"bKGD", b"hIST", b"pHYS",
     b"cICP", b"mDCV", b"cLLI", b"acTL", b"fcTL", b"fdAT")
)  # fmt: skip
_WEBP_CHUNKS = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH"))
_WEBP_ICC, _WEBP_EXIF, _WEBP_XMP = 0x20, 0x08, 0x04
_GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
# JPEG markers: start and end of image, start of scan, application data, comment.
_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
_EXIF = b"Exif\0\0"
# In the data behind a start of scan, 0xFF is followed by 0 or a restart marker; anything else is the next marker.
_JPEG_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")


class _MalformedError(Exception):
    """The image is not what its first bytes say."""


def strip_image(image: bytes, *, keep_icc: bool = True) -> bytes | None:
    """The image without metadata; None where it is malformed, or of no format that is known here.

    :param keep_icc: keep a colour profile: without it colours may change; some name the device.
    """
    for magic, strip in _FORMATS.items():
        if image.startswith(magic):
            try:
                return b"".join(strip(image, keep_icc))
            except (_MalformedError, struct.error, IndexError):
                return None
    return None


def _jpeg(image: bytes, keep_icc: bool) -> Iterator[bytes]:
    yield image[:2]
    place = 2
    scanned = False
    while True:
        marker, place = _marker(image, place)
        if marker == _EOI:
            if not scanned:
                raise _MalformedError
            yield b"\xff\xd9"
            return
        (length,) = struct.unpack_from(">H", image, place)
        end = place + length
        if length < 2 or end > len(image) or marker == _SOI:
            raise _MalformedError
        payload = image[place + 2 : end]
        kept = _jpeg_segment(marker, payload, keep_icc)
        if kept is not None:
            yield struct.pack(">BBH", 0xFF, marker, len(kept) + 2) + kept
        place = end
        if marker == _SOS:
            scanned = True
            found = _JPEG_MARKER.search(image, place)
            if found is None:
                raise _MalformedError
            yield image[place : found.start()]
            place = found.start()


def _marker(image: bytes, place: int) -> tuple[int, int]:
    """The marker at a place, and the place behind it; it may be led by more than one 0xFF."""
    if image[place] != 0xFF:
        raise _MalformedError
    while image[place] == 0xFF:
        place += 1
    return image[place], place + 1


def _jpeg_segment(marker: int, payload: bytes, keep_icc: bool) -> bytes | None:
    if marker == _APP0:
        # A thumbnail may follow the resolution; JFXX holds nothing else.
        return payload[:12] + b"\0\0" if payload.startswith(b"JFIF\0") and len(payload) >= 14 else None
    if marker == _APP14:
        # Says how colours are encoded.
        return payload[:12] if payload.startswith(b"Adobe") else None
    if marker == _APP1 and payload.startswith(_EXIF):
        orientation = orientation_only(payload[len(_EXIF) :])
        return _EXIF + orientation if orientation else None
    if marker == _APP2:
        return payload if keep_icc and payload.startswith(b"ICC_PROFILE\0") else None
    return None if _APP0 < marker <= _APP15 or marker == _COM else payload


def _png(image: bytes, keep_icc: bool) -> Iterator[bytes]:
    yield _PNG
    place = len(_PNG)
    if image[place + 4 : place + 8] != b"IHDR":
        raise _MalformedError
    while True:
        (length,) = struct.unpack_from(">I", image, place)
        name, end = image[place + 4 : place + 8], place + 12 + length
        if end > len(image):
            raise _MalformedError
        if name in _PNG_CHUNKS or (keep_icc and name == b"iCCP"):
            yield image[place:end]
        elif name == b"eXIf":
            orientation = orientation_only(image[place + 8 : end - 4])
            if orientation:
                body = name + orientation
                yield struct.pack(">I", len(orientation)) + body + struct.pack(">I", zlib.crc32(body))
        elif not name[0] & 0x20:
            # A critical chunk that nobody knows.
            raise _MalformedError
        if name == b"IEND":
            return
        place = end


def _gif(image: bytes, _: bool) -> Iterator[bytes]:
    place = 13 + _colors(image[10])
    yield image[:place]
    while True:
        match image[place]:
            case 0x3B:
                yield b"\x3b"
                return
            case 0x2C:
                data = place + 10 + _colors(image[place + 9]) + 1
                end = _behind_blocks(image, data)
                yield image[place:end]
            case 0x21:
                end = _behind_blocks(image, place + 2)
                loops = image[place + 1] == 0xFF and image[place + 3 : place + 14] in _GIF_LOOPS
                if image[place + 1] == 0xF9 or loops:
                    yield image[place:end]
            case _:
                raise _MalformedError
        place = end


def _colors(flags: int) -> int:
    """Bytes of a colour table."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _behind_blocks(image: bytes, place: int) -> int:
    while image[place]:
        place += image[place] + 1
    return place + 1


def _webp(image: bytes, keep_icc: bool) -> Iterator[bytes]:
    if image[8:12] != b"WEBP":
        raise _MalformedError
    (size,) = struct.unpack_from("<I", image, 4)
    end = 8 + size
    if end > len(image):
        raise _MalformedError
    chunks, place, pictures = [], 12, 0
    while place < end:
        name = image[place : place + 4]
        (length,) = struct.unpack_from("<I", image, place + 4)
        behind = place + 8 + length + (length & 1)
        if behind > end + 1:
            raise _MalformedError
        chunk = image[place:behind]
        if name == b"EXIF":
            orientation = orientation_only(chunk[8:].removeprefix(_EXIF))
            if orientation:
                chunks.append(name + struct.pack("<I", len(orientation)) + orientation)
        if name in _WEBP_CHUNKS or (keep_icc and name == b"ICCP"):
            chunks.append(chunk)
            pictures += name in {b"VP8 ", b"VP8L", b"ANMF"}
        place = behind
    if not pictures:
        raise _MalformedError
    yield b"RIFF" + struct.pack("<I", 4 + sum(map(len, chunks))) + b"WEBP"
    names = {chunk[:4] for chunk in chunks}
    for chunk in chunks:
        yield _webp_header(chunk, names) if chunk.startswith(b"VP8X") else chunk


def _webp_header(chunk: bytes, names: set[bytes]) -> bytes:
    """The header of an extended file, that says what is in it."""
    flags = chunk[8] & ~(_WEBP_ICC | _WEBP_EXIF | _WEBP_XMP)
    flags |= _WEBP_ICC if b"ICCP" in names else 0
    flags |= _WEBP_EXIF if b"EXIF" in names else 0
    return chunk[:8] + bytes((flags,)) + chunk[9:]


_FORMATS: dict[bytes, Callable[[bytes, bool], Iterator[bytes]]] = {
    b"\xff\xd8\xff": _jpeg,
    _PNG: _png,
    b"GIF87a": _gif,
    b"GIF89a": _gif,
    b"RIFF": _webp,
}
