"""Statements of one cooperative, as the routes ask for them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from api.statements import paper
from api.statements.issuing import Papers, document_of
from api.statements.sheet import Texts, sheet
from api.statements.words import words_of
from api.turns import Turns
from core.accounts import Principal
from core.errors import NotFound
from core.localtime import local_day
from core.model.land import Cooperative
from core.statement import Document, Issued, Subject
from core.terms import Language
from geo.statements.fixes import records_of
from geo.statements.picture import PAPER_PX, PHONE_PX, pictures
from geo.statements.subjects import flight_subject, job_subject, plot_subject

_KEPT: Final = 64


class Pictures:
    """Pictures that were drawn, kept for a while; safe from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, Language, int], list[str]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, papers: Papers, document: Document, language: Language, width_px: int) -> list[str]:
        """The pictures of a statement: drawn from the archive, in the version that it names."""
        key = document["statement"]["digest"], language, width_px
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        drawn = pictures(document, records_of(document, papers.ports.archive), language, width_px)
        with self._lock:
            self._kept[key] = drawn
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return drawn


@dataclass(frozen=True, slots=True)
class Issuer:
    """What the platform issues statements with."""

    papers: Papers
    pictures: Pictures
    turns: Turns[Subject] = field(default_factory=Turns)


@dataclass(frozen=True, slots=True)
class Given:
    """A statement, and whether it hangs on the registry alone: not on the archive, nor on the day of today."""

    issued: Issued
    settled: bool


class StatementDesk:
    """Where one cooperative's statements are asked for by one principal. Only :mod:`api.tenancy` opens it.

    ``issuer`` is None where the platform issues none. Raises ``NotFound`` where the cooperative is another's.
    """

    def __init__(self, issuer: Issuer | None, cooperative: Cooperative, principal: Principal) -> None:
        if not principal.belongs_to(cooperative.cooperative):
            raise NotFound(f"no cooperative {cooperative.cooperative!r}")
        self._issuer = issuer
        self._cooperative = cooperative

    def of_flight(self, flight: str, version: int | None = None) -> Given:
        """The statement of a flight that counts now, or one of its versions; raises ``NotFound``."""
        registry = self._open.papers.ports.registry
        return self._given(flight_subject(registry, self._cooperative.cooperative, flight), version)

    def of_job(self, job: str, day: str, version: int | None = None) -> Given:
        """The statement of a job on a local day, the last one that it was flown where ``day`` is ""."""
        registry = self._open.papers.ports.registry
        return self._given(job_subject(registry, self._cooperative.cooperative, job, day), version)

    def of_plot(self, plot: str, season: str, version: int | None = None) -> Given:
        """The statement of a plot over a season; see :func:`geo.statements.subjects.plot_subject`."""
        papers = self._open.papers
        today = local_day(papers.clock.now_ms())
        owner = self._cooperative.cooperative
        found = self._given(plot_subject(papers.ports.registry, owner, plot, season, today), version)
        return Given(found.issued, settled=False)

    def listed(self, after: int, limit: int) -> list[tuple[int, Issued]]:
        """What was issued, in that order, each with its number."""
        return self._open.papers.kept.all_issued(self._cooperative.cooperative, after, limit)

    def page(self, issued: Issued, language: Language) -> tuple[Texts, list[str]]:
        """A statement as texts, and pictures for a telephone."""
        return self._sheet(issued, language, PHONE_PX)

    def pdf(self, issued: Issued, language: Language) -> bytes:
        """A statement on paper."""
        texts, drawn = self._sheet(issued, language, PAPER_PX)
        return paper.pdf(texts, drawn, words_of(language)["no_weather"])

    def _sheet(self, issued: Issued, language: Language, width_px: int) -> tuple[Texts, list[str]]:
        it, document = self._open, document_of(issued)
        return sheet(document, words_of(language)), it.pictures.of(it.papers, document, language, width_px)

    @property
    def _open(self) -> Issuer:
        if self._issuer is None:
            raise NotFound("this platform issues no statements: it has no archive")
        return self._issuer

    def _given(self, subject: Subject, version: int | None) -> Given:
        papers = self._open.papers
        if version is not None:
            return Given(papers.kept.issued(subject, version), settled=True)
        stands = papers.standing(subject)
        return Given(stands, settled=True) if stands is not None else self._issued(subject)

    def _issued(self, subject: Subject) -> Given:
        """A new one; where others ask for the same at this moment, the one that the first of them is given."""
        it = self._open
        with it.turns.of(subject):
            stands = it.papers.standing(subject)
            if stands is not None:
                return Given(stands, settled=True)
            return Given(it.papers.issue(self._cooperative, subject), settled=False)
