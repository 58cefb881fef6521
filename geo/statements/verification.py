"""Whether a statement is what the fixes give: its figures computed again and compared, with no tolerance at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shapely.errors import ShapelyError

from core.archive import FlightArchive, FlightRecord
from core.canonical import digest
from core.errors import ArchiveError, CanhdongError, NotFound, RetriableError
from core.statement import SCHEMA, Document
from geo.coverage import ALGORITHM
from geo.statements.computing import computed
from geo.statements.fixes import Fixes, found
from geo.statements.told import overall


class Part(StrEnum):
    """What is checked."""

    SIGNATURE = "signature"
    FORM = "form"
    INPUTS = "inputs"
    FIXES = "fixes"
    ALGORITHM = "algorithm"
    FIGURES = "figures"


@dataclass(frozen=True, slots=True)
class Check:
    """What came of one check."""

    part: Part
    sound: bool
    message: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A figure that is not what the fixes give, by its path in the statement."""

    path: str
    stated: object
    found: object


@dataclass(frozen=True, slots=True)
class Report:
    """All that was checked."""

    checks: tuple[Check, ...]
    mismatches: tuple[Mismatch, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return all(it.sound for it in self.checks) and not self.mismatches


def passed(part: Part, message: str) -> Check:
    """A check that found nothing wrong."""
    return Check(part, sound=True, message=message)


def failed(part: Part, message: str) -> Check:
    """A check that found something."""
    return Check(part, sound=False, message=message)


def verify(document: Document, archive: FlightArchive | None, given: Sequence[Fixes] = ()) -> Report:
    """Compute a statement's figures again from the fixes that it names, and compare.

    Args:
        document: The statement; who signed it is not looked at here.
        archive: Where fixes are looked for by the versions that it names; None: nowhere.
        given: Fixes that count before the archive's, found by their hash.

    Raises:
        RetriableError: The archive does not answer.
    """
    if document.get("schema") != SCHEMA:
        return Report((failed(Part.FORM, f"its form is {document.get('schema')!r}, this reads {SCHEMA!r}"),))
    try:
        return _verified(document, archive, given)
    except RetriableError:
        raise
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        return Report((failed(Part.FORM, f"a member is missing or of another kind: {error}"),))
    except (CanhdongError, ShapelyError, ValueError, ArithmeticError) as error:
        return Report((failed(Part.FIGURES, f"cannot be computed again: {error}"),))


def _verified(document: Document, archive: FlightArchive | None, given: Sequence[Fixes]) -> Report:
    inputs: Document = document["inputs"]
    checks = [_inputs(inputs), _algorithm(inputs)]
    records: dict[str, FlightRecord] = {}
    for entry in inputs["flights"]:
        try:
            where, record = found(entry, document["cooperative"]["cooperative"], archive, given)
        except (NotFound, ArchiveError) as error:
            checks.append(failed(Part.FIXES, str(error)))
        else:
            checks.append(passed(Part.FIXES, f"{entry['flight']}: {where}"))
            records[entry["flight"]] = record
    if len(records) < len(inputs["flights"]):
        return Report((*checks, failed(Part.FIGURES, "not computed again: not all fixes are there")))
    mismatches = tuple(_compared(document, records))
    if mismatches:
        return Report((*checks, failed(Part.FIGURES, f"{len(mismatches)} are not what the fixes give")), mismatches)
    return Report((*checks, passed(Part.FIGURES, "all are the same, to the last digit")))


def _inputs(inputs: Document) -> Check:
    real = digest({key: value for key, value in inputs.items() if key != "hash"})
    if real == inputs["hash"]:
        return passed(Part.INPUTS, real)
    return failed(Part.INPUTS, f"they have the hash {real}, it states {inputs['hash']}")


def _algorithm(inputs: Document) -> Check:
    if inputs["algorithm"] == ALGORITHM:
        return passed(Part.ALGORITHM, ALGORITHM)
    said = f"the figures are of {inputs['algorithm']}, this is {ALGORITHM}: verify with a version that has it"
    return failed(Part.ALGORITHM, said)


def _compared(document: Document, records: Mapping[str, FlightRecord]) -> Iterator[Mismatch]:
    again = computed(document["subject"], document["inputs"], records, document["cooperative"]["m2_per_cong"])
    yield from differing(document["computed"], again, "computed")
    told = document["told"]["treatments"]
    pairs = zip(again["treatments"], told, strict=True)
    grades = [overall(it["trust"], said["completeness"]) for it, said in pairs]
    yield from differing(document["grades"], grades, "grades")


def differing(stated: Any, real: Any, path: str) -> Iterator[Mismatch]:
    """Where two JSON values differ, leaf by leaf; numbers have to be the same double."""
    if isinstance(stated, Mapping) and isinstance(real, Mapping):
        for key in dict.fromkeys([*stated, *real]):
            yield from differing(stated.get(key), real.get(key), f"{path}/{key}")
    elif isinstance(stated, list) and isinstance(real, list) and len(stated) == len(real):
        for k, (a, b) in enumerate(zip(stated, real, strict=True)):
            yield from differing(a, b, f"{path}/{k}")
    elif stated != real or isinstance(stated, bool) != isinstance(real, bool):
        yield Mismatch(path, stated, real)
