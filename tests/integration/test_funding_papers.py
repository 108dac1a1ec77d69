"""Papers, means tests and the tracker of real requests: filled from the records, kept, read by who may, and checked."""

import io
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from sqlalchemy import select, text

from casework.acting.commands import Command
from casework.doing import perform_many, read, read_and_keep
from casework.errors import NotFound, Refused, Unusable
from casework.funding import means, papers, tracker
from documents.papers import PaperKind
from interchange.household import EXAMPLE, read_household
from interchange.tracker_book import tracker_book
from persistence.append_only import unprotect
from persistence.tables import Access, Child, FundingPaper, MeansTestKept
from persistence.verification import verify
from states.means_test.household import Household
from states.means_test.words import Purpose
from tests.commands import in_world
from tests.money import ASKS, ASSESSING, Money
from tests.rows import case_of
from tests.world import noon

DAY = ASSESSING
CFS = "cfs.permanence"


def made(money: Money, ref: str, kind: PaperKind, on: date = DAY, who: str = ASKS, **more) -> papers.PaperKept:
    world = money.world
    return read_and_keep(
        world.office,
        ref,
        f"document {kind}",
        lambda s: papers.make_paper(s, ref, kind, by=world.actor(who), now=noon(on), **more),
        by=world.actor(who),
        now=noon(on),
    )


def words(body: bytes) -> str:
    word = Document(io.BytesIO(body))
    return "\n".join(t.text or "" for t in word.element.body.iter() if t.tag.endswith("}t"))


def household(money: Money, child: str, purpose: str = "decision") -> Household:
    """The example's household, with the child of this case as its first child, on the day."""
    with money.world.office.reading() as session:
        born = session.get_one(Child, case_of(money.world, child).id).date_of_birth
    asked = read_household(EXAMPLE).asked
    first = asked.children[0].model_copy(update={"born": born})
    return asked.model_copy(update={"on": DAY, "purpose": Purpose(purpose), "children": (first, asked.children[1])})


def recorded(money: Money, ref: str, asked: Household) -> means.Recorded:
    world = money.world
    return perform_many(
        world.office,
        lambda s: means.record_new(s, ref, asked, by=world.actor(ASKS), now=noon(DAY)),
        Command(trigger=means.TRIGGER, ref=ref, happened_on=DAY, record={}),
        by=world.actor(ASKS),
        now=noon(DAY),
    )


def test_a_needs_led_route_has_all_its_papers_filled_from_the_records(assessed):
    money, child = assessed
    ref = money.agreed(child, "needs_led_allowance", DAY)
    money.do("issue_proposal_notice", DAY, ASKS, ref)

    said = {
        kind: words(made(money, ref, kind).body)
        for kind in (PaperKind.NEEDS_ASSESSMENT, PaperKind.AGREEMENT, PaperKind.DECISION_RECORD, PaperKind.ONE_PAGE)
    }
    assert "Neglect before the age of two" in said[PaperKind.NEEDS_ASSESSMENT]
    assert "long term" in said[PaperKind.NEEDS_ASSESSMENT]
    agreement = said[PaperKind.AGREEMENT]
    assert "Assistant Director: overview and recommendation" in agreement
    assert "Director: overview and recommendation – not needed: the Assistant Director signs." in agreement
    assert "The reasons" not in agreement
    assert "Permanence Panel/SGO Review Group: overview and recommendation" in agreement
    assert "submitted to the Head of Service and then Assistant Director" in agreement, "the clause that let them sign"
    assert "To agree £" in said[PaperKind.DECISION_RECORD]
    assert "Signed in the system" in said[PaperKind.DECISION_RECORD]
    assert money.mark(ref, DAY) in said[PaperKind.ONE_PAGE]
    notice = words(made(money, ref, PaperKind.PROPOSAL_NOTICE).body)
    until = DAY + timedelta(days=28)
    assert f"until {until.day} {until:%B %Y}" in notice
    with pytest.raises(Refused) as refused:
        made(money, ref, PaperKind.DECISION_NOTICE)
    assert refused.value.reasons[0].rule == "R-SUP-9"


def test_a_request_that_nobody_has_signed_has_lines_to_sign_on_and_no_decision_record(assessed):
    money, child = assessed
    ref = money.submitted(child, "grant", DAY, amount="20000.01")

    agreement = words(made(money, ref, PaperKind.AGREEMENT).body)
    assert "Not signed yet." in agreement
    assert "Asked: £20,000.01 once" in agreement
    assert "An Officer Decision Record is to be completed" in agreement
    assert "Not decided yet" in agreement
    with pytest.raises(Refused) as refused:
        made(money, ref, PaperKind.DECISION_RECORD)
    assert refused.value.reasons[0].rule == "R-FIN-11"
    with pytest.raises(Refused):
        made(money, ref, PaperKind.NEEDS_ASSESSMENT)


def test_a_paper_is_kept_once_for_each_wording_and_never_overwritten(assessed):
    money, child = assessed
    ref = money.submitted(child, "legal_costs", DAY)
    first = made(money, ref, PaperKind.AGREEMENT)
    again = made(money, ref, PaperKind.AGREEMENT)
    money.signed(ref, DAY)
    second = made(money, ref, PaperKind.AGREEMENT)

    assert (first.new, again.new, second.new) == (True, False, True)
    assert again.body == first.body
    assert [first.line.version, second.line.version] == [1, 2]
    with money.world.office.reading() as session:
        lines = papers.list_papers(session, ref, by=money.world.ids[ASKS], now=noon(DAY))
        old = papers.read_paper(session, ref, PaperKind.AGREEMENT, by=money.world.ids[ASKS], now=noon(DAY), version=1)
    assert [(one.version, one.sha256) for one in lines] == [
        (1, sha256(first.body).hexdigest()),
        (2, sha256(second.body).hexdigest()),
    ]
    assert old.body == first.body


def test_only_who_may_open_the_request_reads_its_papers_and_every_look_is_logged(assessed):
    money, child = assessed
    world = money.world
    ref = money.submitted(child, "legal_costs", DAY)
    made(money, ref, PaperKind.AGREEMENT)

    with pytest.raises(NotFound):
        made(money, ref, PaperKind.AGREEMENT, who="otto.operator" if "otto.operator" in world.ids else "nora.night")
    with pytest.raises(NotFound):
        read(
            world.office,
            child,
            "documents",
            lambda s: papers.read_paper(s, child, PaperKind.AGREEMENT, by=world.ids[ASKS], now=noon(DAY)),
            by=world.actor(ASKS),
            now=noon(DAY),
        )
    with world.office.database.reading_access() as log:
        looks = [(a.what, a.outcome) for a in log.scalars(select(Access).where(Access.case_ref == ref))]
    assert looks.count(("read:document agreement", "allowed")) == 1
    assert ("read:document agreement", "denied") in looks


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE funding_paper SET body = :x WHERE sequence = 1", "its file is not as it was made"),
        ("UPDATE funding_paper SET mark = 'x' WHERE sequence = 1", "was changed"),
        ("DELETE FROM funding_paper WHERE sequence = 1", "before it is missing"),
        ("UPDATE means_test SET content = '{}'", "is not as it was worked out"),
    ],
)
def test_tampering_with_what_was_kept_is_seen(assessed, change, said):
    money, child = assessed
    world = money.world
    ref = money.opened(child, "standard_allowance", DAY)
    recorded(money, ref, household(money, child))
    for kind in (PaperKind.CALCULATION_SHEET, PaperKind.ONE_PAGE):
        made(money, ref, kind)
    table = change.split()[2 if change.startswith("DELETE") else 1]
    with pytest.raises(Exception, match="append-only"), world.office.unit_of_work() as session:
        session.execute(text(change).bindparams(**({"x": b"x"} if ":x" in change else {})))
    with world.office.unit_of_work() as session:
        assert verify(session).ok
        for statement in unprotect((table,), session.bind.dialect.name):
            session.execute(text(statement))
        session.execute(text(change).bindparams(**({"x": b"x"} if ":x" in change else {})))
    with world.office.reading() as session:
        problems = [problem.what for problem in verify(session).problems]
    assert any(said in what for what in problems), problems
    if "body" in change:
        with pytest.raises(Unusable, match="not as it was made"):
            made(money, ref, PaperKind.CALCULATION_SHEET)


def test_a_means_test_is_kept_with_its_request_and_an_illustration_stays_beside_it(assessed):
    money, child = assessed
    ref = money.opened(child, "standard_allowance", DAY)
    illustration = recorded(money, ref, household(money, child, "illustration"))
    decision = recorded(money, ref, household(money, child))

    papers_ = money.seen(ref, DAY, ASKS).papers["means_test_done"]
    assert papers_["sheet"] == decision.result.mark != illustration.result.mark
    assert Decimal(papers_["weekly_award"]) == decision.award.weekly
    with money.world.office.reading() as session:
        rows = {one.mark: one.illustration for one in session.scalars(select(MeansTestKept))}
        again = means.kept(session, decision.result.mark).result
    assert rows == {illustration.result.mark: True, decision.result.mark: False}
    assert again == decision.result
    sheet = words(made(money, ref, PaperKind.CALCULATION_SHEET).body)
    assert f"{decision.award.weekly}" in sheet
    assert "Illustration only" not in sheet
    assert decision.result.mark in sheet


def test_brothers_and_sisters_share_one_means_test_and_a_strangers_child_is_refused(assessed):
    money, child = assessed
    world = money.world
    first = money.opened(child, "standard_allowance", DAY)
    done = recorded(money, first, household(money, child))
    second = money.opened(child, "legal_costs", DAY)
    other = money.opened(child, "grant", DAY, household="HH-2")

    def shared(ref: str) -> means.Recorded:
        return world.office.in_one_unit(
            lambda s: means.record_kept(s, ref, done.result.mark, by=world.actor(ASKS), now=noon(DAY))
        )

    assert shared(second).result == done.result
    assert first in shared(second).shared_with
    with pytest.raises(NotFound):
        shared(other)
    strange = household(money, child)
    strange = strange.model_copy(update={"children": strange.children[1:]})
    with pytest.raises(Refused) as refused:
        recorded(money, first, strange)
    assert refused.value.reasons[0].rule == "R-MT-7"
    with world.office.reading() as session:
        assert len(list(session.scalars(select(MeansTestKept)))) == 1, "nothing of a refused one is kept"


def test_the_tracker_holds_what_is_agreed_and_its_own_export_has_no_difference(assessed, tmp_path):
    money, child = assessed
    world = money.world
    grant = money.agreed(child, "grant", DAY, amount="9999.99")
    allowance = money.agreed(child, "needs_led_allowance", DAY, household="HH-2", purpose_kind="something else")
    money.submitted(child, "legal_costs", DAY, household="HH-3")
    file = tmp_path / "tracker.xlsx"
    with world.office.reading() as session:
        ours = tracker.tracker(session, by=world.ids[CFS], now=noon(DAY))
        file.write_bytes(tracker_book(ours))
        same = tracker.reconcile(session, file, by=world.ids[CFS], now=noon(DAY))
        book = openpyxl.load_workbook(file)
        book["Tracker"]["I6"] = 1
        book.save(file)
        changed = tracker.reconcile(session, file, by=world.ids[CFS], now=noon(DAY))
        with pytest.raises(Refused):
            tracker.tracker(session, by=world.ids["piers.panel"], now=noon(DAY))

    assert {row.request: row.amount for row in ours.rows}[grant] == Decimal("9999.99")
    assert {row.request for row in ours.rows} == {grant, allowance}
    assert {row.kind: row.why_it_ends for row in ours.rows}["needs-led allowance"] == "eighteenth birthday"
    assert [line.kind for line in ours.budget if line.requests] == ["needs-led allowance", "grant"]
    assert all(line.this_budget is None for line in ours.budget), "no budget is entered in the shipped policy"
    assert same.differences == ()
    assert [(one.column, one.theirs) for one in changed.differences] == [("I Amount", "£1.00")]


def test_the_papers_by_command_line(assessed, tmp_path, monkeypatch):
    money, child = assessed
    monkeypatch.chdir(tmp_path)
    ref = money.opened(child, "standard_allowance", DAY)
    sgo = in_world(money.world, day=DAY)
    form = tmp_path / "household.json"
    form.write_text(household(money, child).model_dump_json(), encoding="utf-8")
    out = Path("sheet.docx")

    done = sgo("funding", "means-test", ref, str(form), "--json", person=ASKS).json
    sgo("funding", "document", ref, "calculation-sheet", "--to", str(out), person=ASKS)
    again = sgo("funding", "document", ref, "calculation-sheet", "--to", str(out), "--json", person=ASKS).json
    lines = sgo("funding", "documents", ref, "--json", person=ASKS).json
    assert done["mark"] in words(out.read_bytes())
    assert out.stat().st_mode & 0o077 == 0
    assert (again["new"], [line["version"] for line in lines]) == (False, [1])
    assert sgo("funding", "document", ref, "poem", status=2, person=ASKS).err
    assert sgo("funding", "document", ref, "decision-record", "--json", status=3, person=ASKS).rules == {"R-FIN-11"}
    sgo("funding", "tracker", "export", "--to", "t.xlsx", person=CFS)
    result = sgo("funding", "tracker", "reconcile", "t.xlsx", "--json", person=CFS).json
    assert result["differences"] == []
    Path("bad.xlsx").write_bytes(b"nothing")
    assert sgo("funding", "tracker", "reconcile", "bad.xlsx", "--json", status=3, person=CFS).rules == {"BOOK-TYPE"}


def test_a_broken_template_of_the_council_is_said_and_nothing_is_made(assessed, tmp_path):
    money, child = assessed
    ref = money.opened(child, "legal_costs", DAY)
    word = Document()
    word.add_paragraph("{{ authority }} only")
    word.save(tmp_path / "agreement.docx")

    with pytest.raises(Unusable, match="it does not show"):
        made(money, ref, PaperKind.AGREEMENT, templates=tmp_path)
    with money.world.office.reading() as session:
        assert session.scalars(select(FundingPaper)).all() == []
