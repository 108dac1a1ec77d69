"""What each paper says, as plain words: the names here are the names a template may use.

Everything is text, yes or no, or a list of such rows: no record, no date, no number reaches a template, so that a
council's own template can show and order things and decide nothing. What is not known is said in words, never left
as an empty label.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from hashlib import sha256
from typing import Any, ClassVar, Final

NOT_RECORDED: Final = "Not recorded."


class PaperKind(StrEnum):
    """The papers of a request for money (rules 1.3)."""

    NEEDS_ASSESSMENT = "needs-assessment"
    AGREEMENT = "agreement"
    DECISION_RECORD = "decision-record"
    PROPOSAL_NOTICE = "proposal-notice"
    DECISION_NOTICE = "decision-notice"
    CALCULATION_SHEET = "calculation-sheet"
    ONE_PAGE = "one-page"

    @property
    def words(self) -> str:
        """As people read it."""
        return _WORDS[self]

    @property
    def short(self) -> str:
        """In a few words, for the foot of a page."""
        return self.words.partition(" (")[0].partition(",")[0]


_WORDS = {
    PaperKind.NEEDS_ASSESSMENT: "Needs-led assessment (Appendix C)",
    PaperKind.AGREEMENT: "Finance agreement, sign-off (Appendix D)",
    PaperKind.DECISION_RECORD: "Officer Decision Record",
    PaperKind.PROPOSAL_NOTICE: "Notice of proposed decision",
    PaperKind.DECISION_NOTICE: "Notice of decision",
    PaperKind.CALCULATION_SHEET: "Calculation sheet",
    PaperKind.ONE_PAGE: "Decision on one page",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What every paper has: whose it is, which request it is about, and its mark and version at the foot."""

    kind: ClassVar[PaperKind]
    #: What the law or the guidance says the paper must hold: a template without one of these is refused.
    must_show: ClassVar[frozenset[str]] = frozenset()

    authority: str
    request: str
    made_on: str
    version: str

    def words(self) -> dict[str, Any]:
        """What a template is given, by name."""
        return asdict(self) | {"mark": self.mark}

    @property
    def mark(self) -> str:
        """A mark of everything the paper says but its version and day: equal words have an equal mark."""
        said = {name: value for name, value in asdict(self).items() if name not in ("made_on", "version")}
        text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return sha256(f"{self.kind}\n{text}".encode()).hexdigest()[:16]

    @classmethod
    def known(cls) -> frozenset[str]:
        """Every name a template of this paper may use."""
        return frozenset(one.name for one in fields(cls)) | {"mark"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildShown:
    """A child as the case system knows them."""

    name: str
    council_id: str
    born: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedShown:
    """A need at one horizon (R-NLA-1)."""

    horizon: str
    need: str
    met_by_carers: str
    funding_adds: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsPaper(Paper):
    """The needs-led assessment in the form of Appendix C (R-NLA-1)."""

    kind = PaperKind.NEEDS_ASSESSMENT
    must_show = frozenset(
        {
            "worker", "written_on", "children", "carers", "oversight_reason", "past_harm", "identity", "health",
            "education", "development", "family", "carers_part", "childs_voice", "decision", "actions", "needs",
        }
    )  # fmt: skip

    worker: str
    written_on: str
    children: tuple[ChildShown, ...]
    carers: str
    timing: str
    oversight_reason: str
    financial_request: str
    past_harm: str
    identity: str
    health: str
    education: str
    development: str
    family: str
    carers_part: str
    needs: tuple[NeedShown, ...]
    childs_voice: str
    voice_heard_on: str
    differences: str
    decision: str
    actions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureBox:
    """A signatory's box of Appendix D: signed, still to be signed, or not needed and why."""

    title: str
    prompt: str
    amount: str
    overview: str
    signed: bool
    needed: bool
    signed_by: str
    signed_on: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementPaper(Paper):
    """The finance agreement in the form of Appendix D, with each signatory's box (R-FIN-7)."""

    kind = PaperKind.AGREEMENT
    must_show = frozenset({"kind_words", "background", "alternatives", "documents", "boxes", "clause", "amount"})

    children: tuple[ChildShown, ...]
    carers: str
    kind_words: str
    timing: str
    amount: str
    period: str
    full_year: str
    budget_code: str
    background: str
    alternatives: str
    documents: str
    conditions: str
    boxes: tuple[SignatureBox, ...]
    clause: str
    contradiction: str
    decision_record_needed: bool
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecordPaper(Paper):
    """The Officer Decision Record (R-FIN-11)."""

    kind = PaperKind.DECISION_RECORD
    must_show = frozenset(
        {
            "title", "decision_maker", "decided_on", "effective_from", "background", "alternatives", "consulted",
            "decision", "equality", "documents", "interests",
        }
    )  # fmt: skip

    title: str
    decision_maker: str
    decided_on: str
    effective_from: str
    background: str
    alternatives: str
    consulted: str
    decision: str
    equality: str
    documents: str
    interests: str
    clause: str
    contradiction: str
    confirmed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalNoticePaper(Paper):
    """The notice of proposed decision to the carers (R-SUP-7)."""

    kind = PaperKind.PROPOSAL_NOTICE
    must_show = frozenset(
        {"needs", "basis", "services", "proposed_amount", "conditions", "plan", "answer_until", "how_to_answer"}
    )

    to: str
    about: str
    sent_on: str
    needs: str
    basis: str
    services: str
    proposed_amount: str
    conditions: str
    plan: str
    answer_until: str
    how_to_answer: str
    shortened_because: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionNoticePaper(Paper):
    """The notice of decision to the carers (R-SUP-9), with what they agree to tell us (R-MON-5)."""

    kind = PaperKind.DECISION_NOTICE
    must_show = frozenset(
        {"reasons", "plan_and_monitor", "how_determined", "payment", "conditions", "review", "responsibilities"}
    )

    to: str
    about: str
    sent_on: str
    agreed: bool
    reasons: str
    plan_and_monitor: str
    how_determined: str
    payment: str
    conditions: str
    review: str
    responsibilities: str
    charge_warning: str
    periodic: bool
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePage(Paper):
    """A decision on one page: what is asked, what it costs, what was recommended, by which clause (practice PM-6)."""

    kind = PaperKind.ONE_PAGE
    must_show = frozenset({"asked", "this_year", "full_year", "to_eighteen", "recommendation", "dissent", "clause"})

    children: tuple[ChildShown, ...]
    asked: str
    why: str
    kind_words: str
    timing: str
    this_year: str
    full_year: str
    to_eighteen: str
    recommendation: str
    dissent: str
    second_view: str
    dmt: str
    carers_views: str
    who_signs: str
    clause: str
    contradiction: str
    shown_mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureLine:
    """A line of a calculation sheet: a step with its letter, or what it is made of."""

    letter: str
    title: str
    words: str
    weekly: str
    monthly: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureChild:
    """A child's part of a calculation sheet."""

    name: str
    age: str
    answer: str
    lines: tuple[FigureLine, ...]
    birthday: str
    last_day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberShown:
    """A number of the policy, and whose authority it rests on."""

    what: str
    says: str
    whose: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalculationPaper(Paper):
    """The carer's calculation sheet as a Word paper: the steps of the means test (R-MT-8)."""

    kind = PaperKind.CALCULATION_SHEET
    must_show = frozenset({"illustration", "lines", "children", "stand_ins", "numbers", "calculation"})

    on: str
    names: str
    illustration: bool
    in_short: str
    total: str
    lines: tuple[FigureLine, ...]
    children: tuple[FigureChild, ...]
    stand_ins: tuple[str, ...]
    numbers: tuple[NumberShown, ...]
    calculation: str


PAPERS: Final[dict[PaperKind, type[Paper]]] = {
    paper.kind: paper
    for paper in (
        NeedsPaper,
        AgreementPaper,
        DecisionRecordPaper,
        ProposalNoticePaper,
        DecisionNoticePaper,
        CalculationPaper,
        OnePage,
    )
}
