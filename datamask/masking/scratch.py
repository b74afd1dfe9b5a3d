"""Keeping the memory of NumPy's temporary arrays between slices of a column."""

from __future__ import annotations

import ctypes
import platform
from functools import cache

# glibc's malloc.h. Arrays of up to 32 MiB come from the heap, whose free end is given back to the
# system from 64 MiB on, instead of from a few hundred KiB on.
_M_TRIM_THRESHOLD, _TRIM = -1, 64 << 20
_M_MMAP_THRESHOLD, _MMAP = -3, 32 << 20


@cache
def keep_scratch_memory() -> bool:
    """Tell the C library to reuse freed arrays; once a process.

    Every step over a slice makes and drops arrays of 64 KiB to 2 MiB. By default glibc returns such
    memory to the kernel at once and gets it back page by page: 40 % of the time that masking takes.

    :returns: False where the C library is not glibc; then nothing happens.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_M_TRIM_THRESHOLD, _TRIM) and mallopt(_M_MMAP_THRESHOLD, _MMAP))
