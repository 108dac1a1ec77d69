"""One child from the cohort to support after the order, by a real browser, each person signing in as themselves.

What moves the child goes through the pages, its form checked and confirmed; what is only gathered on the way is there
already. With JavaScript and without it: the same steps, the same child, the same mails.
"""

from __future__ import annotations

from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from casework.delivery.sending import deliver_waiting
from casework.digest import building
from casework.following import follow_up
from demo.funding_papers import KINDS
from demo.papers import CHECKS, paper
from demo.staff import MONEY_STAFF, STAFF
from tests.functional.test_pages_browser import a_window, go_by
from tests.functional.test_pages_meetings_browser import serving_at
from tests.money import ASKS, CHILDS, GROUP_CHAIR, PANEL_CHAIR, Money, with_money
from tests.pages import as_form
from tests.rows import case_of
from tests.world import START, World, noon

pytestmark = pytest.mark.browser

#: What each field of a form is that somebody fills in, by its name: asked of the page once.
FIELDS = """Object.fromEntries([...document.querySelectorAll('form [name]')]
    .filter(one => one.type !== 'hidden').reverse().map(one => [one.name, one.type]))"""
#: What stands in the child's record and in no mail.
OF_THE_CHILD = ("Testy", "McCanary", "Quill", "GREEN", "Green", "settled")


class Journey:
    """A child's way, told to the browser step by step."""

    def __init__(self, world: World, page: Page, address: str, days: list[date]) -> None:
        self.world, self.page, self.address, self.days = world, page, address, days
        self.ref = world.open_child()

    def step(self, trigger: str, after: int, who: str, *, of: str = "", **differs: Any) -> None:
        """Sign in, fill in a step's form, look at what it would do, confirm it; the mail it leaves goes out.

        `of`: the reference of a request of the child's.
        """
        on = START + timedelta(after)
        self.days[0] = on
        self.page.goto(f"{self.address}/sign-in?next=/cases/{of or self.ref}/step/{trigger}")
        self.page.select_option("#person", value=self.world.ids[who])
        go_by(self.page.get_by_role("button", name="Sign in"))
        self.page.wait_for_url(f"**/step/{trigger}")
        record = paper(trigger, on=on, **differs)
        self._make_room(record)
        kinds = self.page.evaluate(FIELDS)
        for name, value in as_form(record, on).items():
            self._fill(name, kinds.get(name, ""), value)
        go_by(self.page.get_by_role("button", name="Continue").last)
        self.page.locator("h1:has-text('Check'), .govuk-error-summary").first.wait_for()
        assert self.page.locator(".govuk-error-summary").all_inner_texts() == [], trigger
        go_by(self.page.get_by_role("button", name="Confirm"))
        assert self.page.get_by_text("is recorded").first.is_visible(), trigger
        assert self.page.get_by_role("link", name=self._name(who)).count(), "who is signed in stands on the page"
        follow_up.drain(self.world.office, owner="journey", clock=lambda: noon(on))

    def _name(self, who: str) -> str:
        return next(post.name for post in (*STAFF, *MONEY_STAFF) if post.handle == who)

    def _make_room(self, record: dict[str, Any]) -> None:
        """As many rows as the record has, one more with each press."""
        for name, value in record.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                while int(self.page.locator(f'[name="{name}-count"]').input_value()) < len(value):
                    self.page.locator(f'button[value="add:{name}"]').click()

    def _fill(self, name: str, kind: str, value: Any) -> None:
        if kind in ("radio", "checkbox"):
            for one in value if isinstance(value, list) else [value]:
                self.page.locator(f'[name="{name}"][value="{one}"]').check(force=True)
        elif kind == "select-one":
            self.page.select_option(f'[name="{name}"]', value)
        elif kind:
            self.page.fill(f'[name="{name}"]', "\n".join(value) if isinstance(value, list) else value)

    def meanwhile(self, trigger: str, after: int, who: str, *, of: str = "", **differs: Any) -> None:
        """What others write down on the way."""
        self.world.do(trigger, START + timedelta(after), who, ref=of or self.ref, **differs)

    def request(self, kind: str, after: int) -> str:
        """A funding request, asked for by the assessment worker; its reference."""
        self.step("open_request", after, ASKS, funding=kind, **KINDS[kind])
        return self.page.url.rpartition("/cases/")[2].partition("?")[0]

    def mails(self) -> list[EmailMessage]:
        """What was delivered, by the channel that writes files."""
        folder = self.world.office.settings.home / "mail"
        return [message_from_bytes(one.read_bytes(), policy=policy.default) for one in sorted(folder.glob("*.eml"))]


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_a_child_goes_from_the_cohort_to_support_after_the_order_by_the_pages(
    world: World, browser: Browser, javascript: bool
) -> None:
    days = [START]
    with (
        serving_at(world, lambda: days[0]) as address,
        a_window(browser, java_script_enabled=javascript) as page,
    ):
        child = Journey(world, page, address, days)
        _to_the_decision(child, world)
        _to_the_order(child, with_money(world))

    assert case_of(world, child.ref).state == "POST_ORDER"
    building.build(world.office, now=noon(START + timedelta(253)))
    deliver_waiting(world.office, now=noon(START + timedelta(253)))
    _nobody_is_told_more_than_they_should(child.mails(), child.ref)


#: Who hears of the order at once (R-CRT-5): whoever works with the child or has to do something, not who wrote it down.
TOLD_OF_THE_ORDER = {
    "sol.sw", "bay.ssw", "oda.iro", "faye.finance", "cfs.permanence", "vale.school", "nia.nurse", "coral.coordinator",
}  # fmt: skip


def _nobody_is_told_more_than_they_should(mails: list[EmailMessage], ref: str) -> None:
    """At once who must know at once, the others in their digest; and of the child the reference alone."""
    at_once: set[str] = set()
    in_a_digest: set[str] = set()
    for mail in mails:
        body = mail.get_body(("plain",))
        assert body is not None
        words = f"{mail['Subject']}\n{body.get_content()}"
        assert [word for word in OF_THE_CHILD if word in words] == []
        if ref in words:
            digest = "one message every day you work" in words
            (in_a_digest if digest else at_once).add(str(mail["To"]).partition("@")[0])
    assert at_once == TOLD_OF_THE_ORDER
    assert {"rowan.tm", "sol.sw", "ida.saw", "oda.iro"} <= in_a_digest
    assert not in_a_digest & {"imara.tm", "nell.sw", "kit.saw", "per.iro", "gail.guardian", "otto.operator"}


def _to_the_decision(child: Journey, world: World) -> None:
    child.step("rate", 3, "rowan.tm")
    meeting = world.meeting(START + timedelta(17))
    child.step("list_for_group", 4, "ash.admin", meeting=meeting)
    world.hold_group(child.ref, meeting, START + timedelta(17))
    child.step("group_progresses", 17, "wren.chair")
    child.meanwhile("allocate", 18, "tam.sgo", role="SGO assessment worker", person="ida.saw")
    child.meanwhile("invite_to_initial_meeting", 21, "ida.saw")
    child.meanwhile("record_initial_meeting", 29, "ida.saw")
    child.meanwhile("record_trajectory", 30, "sol.sw")
    child.step("proceed_to_kdd", 36, "ida.saw")
    held = START + timedelta(47)
    child.step("schedule_kdd", 37, "ida.saw", held_on=held, chair="quin.kdd", legal_adviser="lex.legal")
    child.step("kdd_sgo_appropriate", 47, "quin.kdd", legal_adviser="lex.legal")
    child.step("roa_ratifies", 57, "oda.iro")


def _to_the_money(child: Journey, money: Money) -> None:
    """A needs-led allowance and a grant: asked, heard by their meetings, signed by those who may (R-FIN-1, R-FIN-2)."""
    needs, grant = child.request("needs_led_allowance", 107), child.request("grant", 107)
    child.meanwhile("record_means_test", 107, ASKS, of=needs)
    child.meanwhile("write_needs_assessment", 107, ASKS, of=needs, author=ASKS)
    child.meanwhile("write_referral", 107, CHILDS, of=grant, author=CHILDS)
    for ref in (needs, grant):
        child.step("submit_request", 108, ASKS, of=ref)
        money.listed(ref, START + timedelta(108), held_on=START + timedelta(115))
    heard = ((needs, "needs_led_allowance", GROUP_CHAIR), (grant, "grant", PANEL_CHAIR))
    asked = {ref: {k: v for k, v in KINDS[kind].items() if k in ("amount", "frequency")} for ref, kind, _ in heard}
    for ref, _, chair in heard:
        child.step("chair_recommends", 115, chair, of=ref, attendance=money.attendance(), **asked[ref])
    child.step("head_of_service_approves", 116, "hana.hos", of=grant, **asked[grant])
    child.step("head_of_service_agrees", 116, "hana.hos", of=needs)
    child.step("assistant_director_approves", 117, "abel.ad", of=needs, **asked[needs])
    assert [money.state(ref, START + timedelta(118)) for ref in (needs, grant)] == ["APPROVED", "APPROVED"]


def _to_the_order(child: Journey, money: Money) -> None:
    child.meanwhile("record_notice_of_intention", 58, "lex.legal")
    for check, on_whom in CHECKS:
        child.meanwhile("request_check", 58, "ida.saw", check=check, on_whom=on_whom)
    for check, on_whom in CHECKS:
        child.meanwhile("receive_check", 100, "ida.saw", check=check, on_whom=on_whom)
    for gathered in ("record_family_network_meeting", "record_genogram", "draft_support_plan", "sign_support_plan"):
        child.meanwhile(gathered, 100, "ida.saw")
    _to_the_money(child, money)
    child.meanwhile("write_report", 120, "ida.saw", author="ida.saw")
    child.meanwhile("check_quality", 120, "tam.sgo")
    child.meanwhile("write_statement", 120, "ida.saw", author="ida.saw")
    child.step("complete_assessment", 120, "ida.saw")
    settle = ("set_financial_position", "record_proposal_notice", "close_representations", "record_decision_notice")
    for settled in settle:
        child.meanwhile(settled, 121, "ida.saw")
    child.step("agree_package", 121, "ida.saw")
    child.step("submit_to_legal", 123, "ida.saw")
    child.step("application_issued", 160, "lex.legal")
    child.step("order_made", 250, "lex.legal")
    child.step("activate_support", 252, "coral.coordinator")
