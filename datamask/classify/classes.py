"""The data classes: a tree of dotted names that say what a column holds.

A policy's rule for ``person`` holds for every class below it unless a more specific one is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from datamask.errors import PolicyError
from datamask.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class DataClass:
    """One data class.

    :param name: dotted; the part before the last dot is the parent.
    :param description: what such a column holds, in one line.
    :param personal: it tells something about a person, or opens a door; False passes unchanged unless
        a policy says otherwise.
    """

    name: str
    description: str
    personal: bool = True


_LISTED = (
    DataClass("public", "values that anyone may see: statuses, amounts, product names", personal=False),
    DataClass("key", "surrogate identifiers that say nothing by themselves", personal=False),
    DataClass("person", "anything else about a person"),
    DataClass("person.name", "full names"),
    DataClass("person.first_name", "given and middle names"),
    DataClass("person.last_name", "family names"),
    DataClass("person.salutation", "courtesy titles and name suffixes"),
    DataClass("person.email", "e-mail addresses"),
    DataClass("person.phone", "telephone, mobile and fax numbers"),
    DataClass("person.birth_date", "dates and years of birth, ages"),
    DataClass("person.event_date", "dates of events in a person's life: admission, discharge, marriage, death"),
    DataClass("person.gender", "gender, sex, pronouns"),
    DataClass("person.national_id", "numbers of passports, social security, taxes, driving licences"),
    DataClass("person.vehicle", "licence plates, vehicle identification numbers"),
    DataClass("person.username", "login and screen names, handles"),
    DataClass("person.job_title", "job titles, occupations"),
    DataClass("person.employment", "dates of hire and leave, absences, appraisals, records"),
    DataClass("person.income", "salaries, wages, income, credit scores"),
    DataClass("person.education", "degrees, schools, marks"),
    DataClass("person.demographic", "marital status, nationality, ethnicity, religion, language"),
    DataClass("person.health", "diagnoses, allergies, blood groups, disabilities"),
    DataClass("person.biometric", "fingerprints, face and voice templates"),
    DataClass("person.image", "photographs, avatars, signatures, and where they are kept"),
    DataClass("address", "postal addresses in one piece"),
    DataClass("address.street", "streets and house numbers, address lines"),
    DataClass("address.city", "cities and districts"),
    DataClass("address.postal_code", "postal codes"),
    DataClass("address.region", "states, provinces, counties"),
    DataClass("address.country", "countries"),
    DataClass("address.coordinates", "latitude, longitude, positions"),
    DataClass("payment", "other payment details"),
    DataClass("payment.card_number", "numbers of payment cards"),
    DataClass("payment.card_expiry", "expiry dates of payment cards"),
    DataClass("payment.card_code", "security codes of payment cards"),
    DataClass("payment.iban", "international bank account numbers"),
    DataClass("payment.account", "other account, routing and customer numbers"),
    DataClass("company", "anything else about an organization that is a customer or a partner"),
    DataClass("company.name", "names of organizations"),
    DataClass("company.registration", "registration and tax numbers of organizations"),
    DataClass("network", "other traces of a device or a browser"),
    DataClass("network.ip", "IP addresses"),
    DataClass("network.mac", "MAC addresses"),
    DataClass("network.url", "web addresses that may name a person or an organization"),
    DataClass("network.user_agent", "browser and device descriptions"),
    DataClass("network.device_id", "identifiers of devices, cookies, push targets"),
    DataClass("credential", "other secrets"),
    DataClass("credential.password", "passwords, their hashes and salts"),
    DataClass("credential.token", "API keys, tokens, sessions, secrets"),
    DataClass("free_text", "text that people wrote, which may name anyone"),
    DataClass("document", "JSON, XML and key/value payloads"),
    DataClass("binary", "files and other bytes that may hold anything"),
    DataClass("search_index", "tsvector and other copies of text made for searching"),
)  # fmt: skip

CLASSES: dict[str, DataClass] = {listed.name: listed for listed in _LISTED}
"""Every data class by name, in the order of the documentation."""


def get(name: str) -> DataClass:
    """The data class of that name.

    :raises PolicyError: where there is none; the hint has the nearest one.
    """
    try:
        return CLASSES[name]
    except KeyError:
        raise PolicyError(f"unknown data class {name!r}", hint=did_you_mean(name, CLASSES)) from None


def lineage(name: str) -> Iterator[str]:
    """The class and its ancestors, the most specific first: ``person.email``, ``person``."""
    while name:
        yield name
        name = name.rpartition(".")[0]
