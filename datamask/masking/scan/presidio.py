"""Microsoft Presidio as one more source of findings: an extra that is imported only where a policy asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final, Protocol

import polars as pl

from datamask.errors import PolicyError
from datamask.masking.scan.finding import Finding
from datamask.masking.scan.scanner import Texts

# Presidio's entities, and what they are here. A person's words are a given name and family names.
_KINDS: Final = {
    "PERSON": "full_name",
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "card_number",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip",
    "URL": "url",
    "US_SSN": "national_id",
    "UK_NINO": "national_id",
    "ES_NIF": "national_id",
    "ES_NIE": "national_id",
    "IT_FISCAL_CODE": "national_id",
    "PL_PESEL": "national_id",
    "IN_PAN": "national_id",
    "IN_AADHAAR": "national_id",
}
_LEAST_SCORE: Final = 0.4


class _Result(Protocol):
    """A finding of Presidio's; places are characters."""

    start: int
    end: int
    entity_type: str
    score: float


class _Engine(Protocol):
    def analyze(self, text: str, *, language: str, entities: list[str]) -> Sequence[_Result]: ...


class Presidio:
    """Presidio's analyzer.

    :param language: of the texts, in two letters; its model must be installed.
    :raises PolicyError: Presidio is not installed.
    """

    def __init__(self, language: str) -> None:
        try:
            analyzer: Any = import_module("presidio_analyzer")
        except ModuleNotFoundError:
            raise PolicyError(
                "free_text: backend presidio needs Microsoft Presidio, which is not installed",
                hint="pip install 'datamask[presidio]', and a model: python -m spacy download en_core_web_lg",
            ) from None
        self._engine: _Engine = analyzer.AnalyzerEngine()
        self._language = language

    def findings(self, values: pl.Series, texts: Texts) -> list[Finding]:
        """What Presidio finds in a slice's texts."""
        found: list[Finding] = []
        for row, text in enumerate(values.to_list()):
            begin = int(texts.ends[row - 1]) if row else 0
            for result in self._engine.analyze(text=text, language=self._language, entities=list(_KINDS)):
                kind = _KINDS.get(result.entity_type)
                if kind is None or result.score < _LEAST_SCORE:
                    continue
                start = begin + len(text[: result.start].encode())
                found += _split(kind, text[result.start : result.end], start)
        return found


def _split(kind: str, text: str, start: int) -> list[Finding]:
    """A finding; of a name, the first word and the others, as they are found without Presidio."""
    end = start + len(text.encode())
    if kind != "full_name":
        return [Finding(start, end, kind)]
    given, blank, family = text.partition(" ")
    if not blank or not family.strip():
        return [Finding(start, end, "first_name")]
    middle = start + len((given + blank).encode())
    return [Finding(start, start + len(given.encode()), "first_name"), Finding(middle, end, "last_name")]
