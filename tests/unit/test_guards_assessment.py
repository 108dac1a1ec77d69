"""The assessment: checks, report, quality check, family, plan, notices (rules 5.9, 5.10, R-SUP-7 to R-SUP-9)."""

from datetime import date
from typing import Any

import pytest

from states.guards import assessment
from states.records.codes import NeedArea, ReportSection
from states.stages import S
from tests.factories import entry, facts, filed, judged, policy
from tests.walks import SIGNED_ELSEWHERE

TODAY = date(2026, 3, 10)


def assessing(*entries, given=None, **more):
    return facts(S.ASSESSMENT, *entries, given=given or filed("complete_assessment"), **more)


REPORT = entry("write_report", on=date(2026, 3, 2), by="author")


# --- the report and who checks it ------------------------------------------------------------------------


def test_every_prescribed_section_is_written_or_says_why_it_does_not_apply():
    written = [{"section": s.value, "content": "Written."} for s in ReportSection]
    excused = [*written[:-1], {"section": written[-1]["section"], "not_applicable_because": "No contact is sought."}]
    empty = [*written[:-1], {"section": written[-1]["section"]}]

    assert judged(assessment.report_complete, assessing()) == "R-ASM-5"
    assert judged(assessment.report_complete, assessing(REPORT)) is None
    assert judged(assessment.report_complete, assessing(entry("write_report", sections=excused))) is None
    assert judged(assessment.report_complete, assessing(entry("write_report", sections=empty))) == "R-ASM-5"


def test_the_sections_that_are_missing_are_named_together():
    first = [{"section": "1 the child", "content": "Written."}]

    unmet = assessment.report_complete(assessing(entry("write_report", sections=first)))

    assert unmet is not None
    assert "3 wishes and feelings; 4 the prospective guardian" in unmet.reason
    assert "1 the child" not in unmet.reason


def test_the_latest_report_counts_and_only_of_this_round():
    short = entry("write_report", sections=[{"section": "1 the child", "content": "Again."}])
    before = (REPORT, entry("stop", source=S.ASSESSMENT), entry("reopen"))

    assert judged(assessment.report_complete, assessing(REPORT, short)) == "R-ASM-5"
    assert judged(assessment.report_complete, assessing(*before)) == "R-ASM-5"


def test_a_negative_report_goes_back_to_the_kdd_and_says_what_instead():
    negative = entry("write_report", recommends=False, alternative="Long-term foster care")
    silent = filed("write_report", recommends=False)
    full = filed("write_report", recommends=False, alternative="Long-term foster care")

    assert judged(assessment.report_recommends, assessing(negative)) == "PT-11"
    assert judged(assessment.report_recommends, assessing(REPORT)) is None
    assert judged(assessment.alternative_when_negative, assessing(given=silent)) == "R-ASM-5"
    assert judged(assessment.alternative_when_negative, assessing(given=full)) is None


@pytest.mark.parametrize(("asked_on", "rule"), [(TODAY, None), (date(2026, 3, 11), "R-ASM-5")])
def test_the_child_is_asked_before_the_report_says_so(asked_on, rule):
    given = filed("write_report", childs_wishes_on=asked_on)

    assert judged(assessment.wishes_ascertained_before, assessing(given=given)) == rule


def check(by, **more):
    return entry("check_quality", by=by, **more)


@pytest.mark.parametrize(
    ("entries", "rule"),
    [
        ((), "R-ASM-9"),
        ((REPORT,), "R-ASM-9"),
        ((REPORT, check("manager")), None),
        ((REPORT, check("author")), "R-ASM-9"),  # nobody checks their own report
        ((check("manager"), REPORT), "R-ASM-9"),  # an earlier version
        ((REPORT, check("manager"), REPORT), "R-ASM-9"),  # changed since
        ((REPORT, check("manager", outcome="returned to the author")), "R-ASM-9"),
        ((REPORT, check("manager"), check("manager", outcome="returned to the author")), "R-ASM-9"),
        ((REPORT, check("manager", outcome="returned to the author"), check("manager")), None),
        ((entry("write_report", by="typist", author="author"), check("typist")), "R-ASM-9"),
        # The author writes down that a manager has checked: it counts when the manager says so.
        ((REPORT, check("manager", recorded_by="author", confirmed=False)), "R-ASM-9"),
        ((REPORT, check("manager", recorded_by="author", confirmed=True)), None),
        ((REPORT, check("manager", recorded_by="administrator", confirmed=False)), None),
    ],
)
def test_somebody_else_than_the_author_has_agreed_the_latest_report(entries, rule):
    assert judged(assessment.checked_by_somebody_else, assessing(*entries)) == rule


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"decided_by": "manager"}, None),
        ({"decided_by": "author"}, "R-ASM-9"),
        ({"decided_by": "stand-in", "acting_for": "author"}, "R-ASM-9"),  # cover changes nothing (R5)
        ({"decided_by": "stand-in", "acting_for": "manager"}, None),
        ({"decided_by": "manager", "recorded_by": "author"}, None),  # to be confirmed by the manager
    ],
)
def test_the_author_cannot_check_the_report_by_any_way(more, rule):
    assert judged(assessment.not_the_author, assessing(REPORT, given=filed("check_quality"), **more)) == rule


def test_there_is_no_check_without_a_report():
    assert judged(assessment.not_the_author, assessing(given=filed("check_quality"))) == "R-ASM-9"


# --- family, genogram, checks ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        ({"held": True}, None),
        ({"held": False, "not_held_reason": "Nobody but the carers is in touch.", "family_plan": None}, None),
    ],
)
def test_one_family_network_meeting_or_the_reason_for_none(record, rule):
    met = entry("record_family_network_meeting", **record)

    assert judged(assessment.family_network_met, assessing(met)) == rule
    assert judged(assessment.family_network_met, assessing()) == "R-ASM-8"


def test_the_number_of_family_network_meetings_is_the_authoritys():
    met = entry("record_family_network_meeting")
    two = policy(assessment={"family_network_meetings": 2})

    assert judged(assessment.family_network_met, assessing(met, policy=two)) == "R-ASM-8"
    assert judged(assessment.family_network_met, assessing(met, met, policy=two)) is None


@pytest.mark.parametrize(
    ("record", "field"),
    [({"held": True, "family_plan": None}, "family_plan"), ({"held": False}, "not_held_reason")],
)
def test_a_family_network_meeting_says_what_was_planned_or_why_it_was_not_held(record, field):
    unmet = assessment.meeting_or_reason(assessing(given=filed("record_family_network_meeting", **record)))

    assert unmet is not None
    assert (unmet.rule, unmet.field) == ("R-ASM-8", field)


def test_the_genogram_is_there():
    assert judged(assessment.genogram_made, assessing()) == "R-ASM-1"
    assert judged(assessment.genogram_made, assessing(entry("record_genogram"))) is None


def asked(kind, whom="first applicant"):
    return entry("request_check", check=kind, on_whom=whom)


def back(kind, whom="first applicant"):
    return entry("receive_check", check=kind, on_whom=whom)


REFERENCES = tuple(back("personal reference", f"{n} referee") for n in ("first", "second", "third"))
OFFICIAL = tuple(back(k) for k in ("enhanced DBS", "medical", "local authority", "home health and safety"))


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ((), "Checks that are missing: enhanced DBS, medical, local authority, home health and safety."),
        ((*OFFICIAL[:3], *REFERENCES), "Checks that are missing: home health and safety."),
        ((*OFFICIAL, *REFERENCES[:2]), "3 personal references are needed; 2 are back."),
        ((*OFFICIAL, *REFERENCES), None),
        (
            (*OFFICIAL, *REFERENCES, asked("overseas"), asked("enhanced DBS", "adult son")),
            "Checks that are not back: overseas on first applicant, enhanced DBS on adult son.",
        ),
        ((*OFFICIAL, *REFERENCES, asked("medical")), "Checks that are not back: medical on first applicant."),
        ((*OFFICIAL, *REFERENCES, asked("medical"), back("medical")), None),  # asked for again, and back
    ],
)
def test_every_check_that_is_needed_or_asked_for_is_back(entries, says):
    unmet = assessment.checks_are_back(assessing(*entries))

    assert (unmet.reason if unmet else None) == says


def test_an_open_pause_stands_against_completing():
    paused, resumed = entry("pause_clock", source=S.ASSESSMENT), entry("resume_clock", source=S.ASSESSMENT)
    moved = entry("record_placement_change", source=S.ASSESSMENT)
    respite = entry("record_placement_change", source=S.ASSESSMENT, how="respite, hospital or holiday")

    assert judged(assessment.not_paused, assessing(paused)) == "R-CLK-9"
    assert judged(assessment.not_paused, assessing(paused, resumed)) is None
    assert judged(assessment.not_paused, assessing(entry("flag_safeguarding"))) == "R-CLK-9"
    assert judged(assessment.not_paused, assessing(moved)) == "R-CLK-9"  # practice PT-13
    assert judged(assessment.not_paused, assessing(moved, resumed)) is None
    assert judged(assessment.not_paused, assessing(respite)) is None


@pytest.mark.parametrize(
    ("positive", "told", "rule"),
    [(True, None, None), (False, None, "R-ASM-3"), (False, False, "R-ASM-3"), (False, True, None)],
)
def test_a_negative_viability_comes_with_how_to_challenge_it(positive, told, rule):
    given = filed("record_viability", positive=positive, told_how_to_challenge=told)

    assert judged(assessment.challenge_explained, assessing(given=given)) == rule


# --- the support plan ------------------------------------------------------------------------------------


def needs(*areas):
    row = {"need": "n", "service": "s", "provider": "p", "frequency": "f", "starts": "now", "aim": "a"}
    return [{"area": area.value, **row} for area in areas]


def test_the_support_plan_speaks_of_every_area_of_need():
    whole = entry("draft_support_plan", needs=needs(*NeedArea))
    partial = entry("draft_support_plan", needs=needs(NeedArea.HEALTH, NeedArea.EDUCATION))

    unmet = assessment.plan_covers_every_area(assessing(partial))

    assert judged(assessment.plan_covers_every_area, assessing(whole)) is None
    assert unmet is not None
    assert "emotional and behavioural; identity; family relationships and family time; self-care" in unmet.reason


def test_there_is_a_support_plan_of_this_round():
    plan = entry("draft_support_plan")

    assert judged(assessment.plan_drafted, assessing()) == "R-ASM-6"
    assert judged(assessment.plan_drafted, assessing(plan)) is None
    assert (
        judged(assessment.plan_drafted, assessing(plan, entry("stop", source=S.ASSESSMENT), entry("reopen")))
        == "R-ASM-6"
    )


@pytest.mark.parametrize(
    ("review_on", "rule"),
    [(TODAY, "R-ASM-6"), (date(2026, 3, 11), None), (date(2027, 3, 10), None), (date(2027, 3, 11), "R-ASM-6")],
)
def test_a_support_plan_is_reviewed_within_twelve_months(review_on, rule):
    given = filed("draft_support_plan", review_on=review_on)

    assert judged(assessment.plan_review_within_a_year, assessing(given=given)) == rule


def test_a_plan_that_is_not_signed_by_all_carries_the_disagreement():
    unsigned: dict[str, Any] = {"signed": False}
    explained: dict[str, Any] = {"signed": False, "disagreement": "The carers ask for more respite."}

    assert judged(assessment.signed_or_why_not, assessing(given=filed("sign_support_plan", **unsigned))) == "R-ASM-6"
    assert judged(assessment.signed_or_why_not, assessing(given=filed("sign_support_plan", **explained))) is None


@pytest.mark.parametrize(
    ("position", "reference", "elsewhere", "rule"),
    [
        ("agreed", None, "In the old system.", "R-FIN-10"),
        ("agreed", "FA-1", None, "R-FIN-10"),
        ("agreed", "FA-1", "Signed in the old system on 3 March.", None),
        ("no financial support sought", None, None, None),
    ],
)
def test_agreed_money_rests_on_a_signed_request_or_on_evidence_from_elsewhere(position, reference, elsewhere, rule):
    given = filed(
        "set_financial_position",
        position=position,
        **{**SIGNED_ELSEWHERE, "agreement_ref": reference, "agreed_elsewhere": elsewhere},
    )

    assert judged(assessment.agreement_named, assessing(given=given)) == rule


@pytest.mark.parametrize(
    ("prepared", "decided", "rule"),
    [
        ("Ira Gable", "Hale Moss", None),
        ("Hale Moss", "Hale Moss", "R-FIN-6"),
        ("hale  moss, chair of the panel", "Hale Moss, Head of Service", "R-FIN-6"),  # another post is no other person
        ("H. Moss", "H Moss", "R-FIN-6"),
        (None, "Hale Moss", "R-FIN-10"),
        ("Ira Gable", None, "R-FIN-10"),
    ],
)
def test_evidence_from_elsewhere_in_which_one_person_recommended_and_decided_is_none(prepared, decided, rule):
    """R-FIN-6: nobody decides what they prepared, assessed or recommended, wherever it was done."""
    given = filed(
        "set_financial_position",
        position="agreed",
        **{**SIGNED_ELSEWHERE, "elsewhere_prepared_by": prepared, "elsewhere_decided_by": decided},
    )

    assert judged(assessment.agreement_named, assessing(given=given)) == rule


# --- notices and representations -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("close_on", "why", "rule"),
    [
        (None, None, None),  # the usual twenty-eight days
        (date(2026, 4, 7), None, None),  # twenty-eight days after 10 March
        (date(2026, 4, 6), None, "R-SUP-8"),
        (date(2026, 4, 6), "The carers asked for it in writing.", None),
        (date(2026, 3, 24), "The hearing was brought forward.", None),  # fourteen: the floor
        (date(2026, 3, 23), "The hearing was brought forward.", "R-SUP-8"),
    ],
)
def test_representations_have_their_days_and_never_fewer_than_the_floor(close_on, why, rule):
    given = filed("record_proposal_notice", sent_on=TODAY, representations_close_on=close_on, shortened_because=why)

    assert judged(assessment.enough_time_for_representations, assessing(given=given)) == rule


def test_a_notice_cannot_have_been_sent_on_a_day_to_come():
    given = filed("record_proposal_notice", sent_on=date(2026, 3, 11))

    assert judged(assessment.enough_time_for_representations, assessing(given=given)) == "R-SUP-7"


SENT = entry("record_proposal_notice", on=date(2026, 2, 10), sent_on=date(2026, 2, 10))  # 28 days: to 10 March
SHORT = entry("record_proposal_notice", sent_on=date(2026, 2, 10), representations_close_on=date(2026, 2, 27))


@pytest.mark.parametrize(
    ("entries", "record", "on", "rule"),
    [
        ((), {}, TODAY, "R-SUP-7"),
        ((SENT,), {"how": "the period is over"}, date(2026, 3, 10), "R-SUP-7"),  # the last day is still theirs
        ((SENT,), {"how": "the period is over"}, date(2026, 3, 11), None),
        ((SHORT,), {"how": "the period is over"}, date(2026, 2, 27), "R-SUP-7"),
        ((SHORT,), {"how": "the period is over"}, date(2026, 2, 28), None),
        ((SENT,), {"how": "the person said they are satisfied"}, date(2026, 2, 12), None),
        ((SENT,), {"how": "representations received"}, date(2026, 2, 12), "R-SUP-7"),
        (
            (SENT,),
            {"how": "representations received", "answer": "They ask for more; refused."},
            date(2026, 2, 12),
            None,
        ),
    ],
)
def test_the_time_for_representations_ends_when_it_is_over_or_answered(entries, record, on, rule):
    given = filed("close_representations", **record)

    assert judged(assessment.representations_may_close, assessing(*entries, given=given, on=on)) == rule


CLOSED = entry("close_representations", on=date(2026, 3, 5))


@pytest.mark.parametrize(
    ("entries", "sent_on", "rule"),
    [
        ((SENT,), TODAY, "R-SUP-7"),
        ((SENT, CLOSED), TODAY, None),
        ((SENT, CLOSED), date(2026, 3, 5), None),
        ((SENT, CLOSED), date(2026, 3, 4), "R-SUP-7"),  # before representations were closed
        ((SENT, CLOSED), date(2026, 3, 11), "R-SUP-9"),  # to come
        ((SENT, CLOSED, SENT), TODAY, "R-SUP-7"),  # a new proposal has a time of its own
    ],
)
def test_the_decision_goes_out_after_representations_are_closed(entries, sent_on, rule):
    given = filed("record_decision_notice", sent_on=sent_on)

    assert judged(assessment.closed_before_deciding, assessing(*entries, given=given)) == rule
