"""Blank files and images without metadata: by structure, and by what Pillow makes of them where it is installed."""

from __future__ import annotations

import base64
import gzip
import io
import struct
import wave
import zipfile
import zlib

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from datamask.catalog.model import ColumnType
from datamask.masking.engine import Masker
from datamask.masking.exif import orientation_only
from datamask.masking.image_metadata import strip_image
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.placeholders import FILES
from datamask.masking.registry import get

BYTEA = ColumnType("bytea", "bytea", "bytea")
BLANK = {kind: base64.b64decode(text) for kind, text in FILES.items()}
IMAGES = ("png", "jpeg", "gif", "webp", "bmp", "tiff")
SECRET = b"52.5200 13.4050 Maria Schneider"


def run(transform, files, **params):
    mask = ColumnMask("value", transform, BYTEA, "d", get(transform).validate(params))
    values = [None if file is None else "\\x" + file.hex() for file in files]
    frame = pl.DataFrame({"value": pl.Series(values, dtype=pl.String)})
    masked = Masker([mask], MaskingKey(b"k" * 32)).mask(frame)["value"]
    return [None if value is None else bytes.fromhex(value[2:]) for value in masked]


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def segment(marker, data):
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def riff(name, data):
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)


def webp(*chunks):
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


JPEG_REST = BLANK["jpeg"][20:]
PNG_HEADER, PNG_REST = BLANK["png"][:33], BLANK["png"][33:]
WEBP_IMAGE = BLANK["webp"][12:]
WITH_METADATA = {
    "jpeg": BLANK["jpeg"][:20]
    + segment(0xE1, b"Exif\0\0" + SECRET)
    + segment(0xED, b"Photoshop 3.0\0" + SECRET)
    + segment(0xFE, SECRET)
    + JPEG_REST
    + SECRET,
    "png": PNG_HEADER
    + chunk(b"tEXt", b"Author\0" + SECRET)
    + chunk(b"eXIf", SECRET)
    + chunk(b"tIME", b"\x07\xe8\x02\x1d\x0c\x22\x38")
    + PNG_REST
    + SECRET,
    "gif": BLANK["gif"][:-1] + b"\x21\xfe" + bytes((len(SECRET),)) + SECRET + b"\0;" + SECRET,
    "webp": webp(
        riff(b"VP8X", b"\x0c\0\0\0" + bytes(6)), WEBP_IMAGE, riff(b"EXIF", SECRET), riff(b"XMP ", SECRET)
    ),
}


def test_every_kind_is_recognized_and_replaced():
    files = [BLANK[kind] + SECRET for kind in BLANK]
    assert run("placeholder", files) == list(BLANK.values())


def test_what_is_of_no_known_kind_becomes_empty():
    assert run("placeholder", [SECRET, b"\0", b"", None]) == [b"", b"", b"", None]


def test_office_files_are_told_from_other_zip_files():
    def archive(*names):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name in names:
                archive.writestr(name, SECRET)
        return buffer.getvalue()

    files = [archive("[Content_Types].xml", f"{part}/a.xml") for part in ("word", "xl", "data")]
    assert run("placeholder", files) == [BLANK["docx"], BLANK["xlsx"], BLANK["zip"]]


def test_blank_files_are_valid_by_their_structure():
    for kind, part in {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}.items():
        with zipfile.ZipFile(io.BytesIO(BLANK[kind])) as archive:
            assert archive.testzip() is None
            assert part in archive.namelist()
            for name in archive.namelist():
                etree.fromstring(archive.read(name))
    with zipfile.ZipFile(io.BytesIO(BLANK["zip"])) as archive:
        assert archive.namelist() == []
    assert gzip.decompress(BLANK["gzip"]) == b""
    etree.fromstring(BLANK["svg"])
    with wave.open(io.BytesIO(BLANK["wav"])) as sound:
        assert sound.getnframes() == 0


def test_the_blank_page_s_cross_references_are_right():
    pdf = BLANK["pdf"]
    table = int(pdf.rpartition(b"startxref\n")[2].split()[0])
    entries = pdf[table:].splitlines()[3:6]
    for number, entry in enumerate(entries, start=1):
        assert pdf[int(entry.split()[0]) :].startswith(b"%d 0 obj" % number)


def test_the_blank_film_is_made_of_boxes():
    boxes, place = [], 0
    while place < len(BLANK["mp4"]):
        size, name = struct.unpack_from(">I4s", BLANK["mp4"], place)
        boxes.append(name)
        place += size
    assert (boxes, place) == ([b"ftyp", b"moov", b"mdat"], len(BLANK["mp4"]))


@pytest.mark.parametrize("kind", WITH_METADATA)
def test_metadata_is_gone_and_the_image_is_not_touched(kind):
    (stripped,) = run("strip_metadata", [WITH_METADATA[kind]])
    assert SECRET not in stripped
    plain = webp(riff(b"VP8X", bytes(10)), WEBP_IMAGE) if kind == "webp" else BLANK[kind]
    assert stripped == plain
    assert run("strip_metadata", [stripped]) == [stripped]


def tiff(order, orientation):
    entries = [(0x010F, 2, 4, b"Mari"), (0x0112, 3, 1, struct.pack(f"{order}HH", orientation, 0))]
    body = b"".join(struct.pack(f"{order}HHI", *entry[:3]) + entry[3] for entry in entries)
    magic = b"II*\0" if order == "<" else b"MM\0*"
    return magic + struct.pack(f"{order}IH", 8, len(entries)) + body + bytes(4) + SECRET


@pytest.mark.parametrize("order", "<>")
def test_an_image_stays_the_right_way_up(order):
    exif = tiff(order, 6)
    kept = struct.pack(">4sIHHHIHHI", b"MM\0*", 8, 1, 0x0112, 3, 1, 6, 0, 0)
    assert orientation_only(exif) == kept
    for upright in (tiff(order, 1), tiff(order, 9), tiff(order, 0), exif[:12], exif[:30], b"", SECRET):
        assert orientation_only(upright) is None
    jpeg = BLANK["jpeg"][:20] + segment(0xE1, b"Exif\0\0" + exif) + JPEG_REST
    assert strip_image(jpeg) == BLANK["jpeg"][:20] + segment(0xE1, b"Exif\0\0" + kept) + JPEG_REST
    png = PNG_HEADER + chunk(b"eXIf", exif) + PNG_REST
    assert strip_image(png) == PNG_HEADER + chunk(b"eXIf", kept) + PNG_REST
    extended = webp(riff(b"VP8X", b"\x0c" + bytes(9)), WEBP_IMAGE, riff(b"EXIF", b"Exif\0\0" + exif))
    assert strip_image(extended) == webp(riff(b"VP8X", b"\x08" + bytes(9)), WEBP_IMAGE, riff(b"EXIF", kept))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([b"II*\0", b"MM\0*"]), st.binary(max_size=60))
def test_damaged_exif_never_stops_the_work(order, rest):
    kept = orientation_only(order + rest)
    assert kept is None or len(kept) == 26


def test_thumbnails_are_metadata():
    header = b"JFIF\0\1\1\0\0\1\0\1\1\1" + SECRET[:3]
    thumbnailed = b"\xff\xd8" + segment(0xE0, header) + segment(0xE0, b"JFXX\0\x10" + SECRET) + JPEG_REST
    assert strip_image(thumbnailed) == BLANK["jpeg"]


def test_a_colour_profile_stays_unless_it_shall_not():
    profile = segment(0xE2, b"ICC_PROFILE\0\1\1" + SECRET)
    image = BLANK["jpeg"][:20] + profile + JPEG_REST
    assert strip_image(image) == image
    assert strip_image(image, keep_icc=False) == BLANK["jpeg"]
    chunks = PNG_HEADER + chunk(b"iCCP", SECRET) + PNG_REST
    assert strip_image(chunks) == chunks
    assert strip_image(chunks, keep_icc=False) == BLANK["png"]
    extended = webp(riff(b"VP8X", b"\x20" + bytes(9)), riff(b"ICCP", SECRET), WEBP_IMAGE)
    assert strip_image(extended) == extended
    assert strip_image(extended, keep_icc=False) == webp(riff(b"VP8X", bytes(10)), WEBP_IMAGE)


def test_scans_of_a_progressive_jpeg_stay_with_what_stands_between_them():
    scan = segment(0xDA, b"\1\1\0\0\0\0") + b"\x12\xff\x00\x34\xff\xd0\x56"
    tables = segment(0xC4, b"\0" * 19)
    image = BLANK["jpeg"][:20] + tables + scan + tables + segment(0xFE, SECRET) + scan + b"\xff\xd9"
    assert strip_image(image) == image.replace(segment(0xFE, SECRET), b"")


@pytest.mark.parametrize(
    "broken",
    [
        WITH_METADATA["jpeg"][:60],
        BLANK["jpeg"][:-2],
        b"\xff\xd8\xff\xd9",
        PNG_HEADER + chunk(b"SECR", SECRET) + PNG_REST,
        WITH_METADATA["png"][:70],
        WITH_METADATA["gif"][:40],
        BLANK["webp"][:-3],
        webp(riff(b"EXIF", SECRET)),
    ],
)
def test_what_is_malformed_becomes_a_blank_file_of_its_kind(broken):
    assert strip_image(broken) is None
    assert run("strip_metadata", [broken]) == run("placeholder", [broken])


def test_other_files_become_blank_ones():
    assert run("strip_metadata", [BLANK["tiff"] + SECRET, BLANK["pdf"], SECRET, None]) == [
        BLANK["tiff"], BLANK["pdf"], b"", None,
    ]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(WITH_METADATA)), st.binary(max_size=40), st.integers(0, 200), st.integers(0, 40)
)
def test_damaged_images_never_stop_the_work(kind, noise, place, cut):
    image = WITH_METADATA[kind]
    strip_image(image[:place] + noise + image[place + cut :])


def test_large_images_take_linear_work():
    scan = segment(0xDA, b"\1\1\0\0\0\0") + (b"\x12" * 253 + b"\xff\x00\x34") * 40_000
    image = BLANK["jpeg"][:20] + segment(0xFE, SECRET) + scan + b"\xff\xd9"
    assert strip_image(image) == image.replace(segment(0xFE, SECRET), b"")


@pytest.mark.parametrize("kind", IMAGES)
def test_pillow_reads_the_blank_images(kind):
    image = pytest.importorskip("PIL.Image").open(io.BytesIO(BLANK[kind]))
    assert image.size == (1, 1)
    assert image.convert("L").getpixel((0, 0)) == 255


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "gif"])
def test_pillow_sees_the_same_picture_without_metadata(kind):
    module = pytest.importorskip("PIL.Image")
    image = module.radial_gradient("L").convert("P" if kind == "gif" else "RGB")
    exif = module.Exif()
    exif[0x010F] = "Maria Schneider"
    exif[0x0112] = 8
    buffer = io.BytesIO()
    image.save(buffer, kind.upper(), **({"comment": SECRET} if kind == "gif" else {"exif": exif}))
    if kind != "gif":
        assert b"Maria" in buffer.getvalue()
    (stripped,) = run("strip_metadata", [buffer.getvalue()])
    assert b"Maria" not in stripped
    before, after = module.open(buffer), module.open(io.BytesIO(stripped))
    assert dict(after.getexif()) == ({} if kind == "gif" else {0x0112: 8})
    assert "comment" not in after.info
    assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes()
