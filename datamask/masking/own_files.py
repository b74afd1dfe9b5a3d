"""Masking functions from a Python file beside the policy."""

from __future__ import annotations

import sys
import traceback
from functools import lru_cache
from types import ModuleType

from datamask.errors import PolicyError
from datamask.masking.own_functions import OwnFunction
from datamask.suggest import did_you_mean


def functions_in(source: bytes, file: str, digest: str) -> dict[str, OwnFunction]:
    """The masking functions of a file, by name.

    The file's code runs, once in a process for each content.

    :param file: its path, for messages.
    :param digest: the content's SHA-256: what it is known by.
    :raises PolicyError: it is no Python, or fails; names the line.
    """
    module = _module(source, file, digest)
    return {name: found for name, found in vars(module).items() if isinstance(found, OwnFunction)}


def function_in(source: bytes, file: str, digest: str, name: str) -> OwnFunction:
    """One masking function of a file.

    :raises PolicyError: as :func:`functions_in`, or there is no such function.
    """
    found = functions_in(source, file, digest)
    if name in found:
        return found[name]
    if callable(getattr(_module(source, file, digest), name, None)):
        raise PolicyError(
            f"{file}: {name} declares no laws", hint="decorate it: @masking_function(max_length=…)"
        )
    raise PolicyError(f"{file}: there is no function {name!r}", hint=did_you_mean(name, found))


@lru_cache(maxsize=64)
def _module(source: bytes, file: str, digest: str) -> ModuleType:
    module = ModuleType(f"datamask_own_{digest[:16]}")
    module.__file__ = file
    # Dataclasses and pickle look a class's module up by its name.
    sys.modules[module.__name__] = module
    try:
        exec(compile(source, file, "exec"), vars(module))
    except SyntaxError as error:
        raise PolicyError(f"{file}:{error.lineno}: {error.msg}") from None
    except Exception as error:
        lines = [
            frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file
        ]
        place = f"{file}:{lines[-1]}" if lines else file
        raise PolicyError(f"{place}: {type(error).__name__} while the file was loaded") from None
    return module
