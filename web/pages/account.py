"""My sign-in: password, second factor, the browsers I am signed in with."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casework.errors import Refused
from casework.who import accounts
from web.doors import Access, Here, access, here
from web.entering import address, is_fresh, limits, office
from web.pages.sign_in import enrolment, wait_words

pages = Blueprint("account", __name__)
Answer = str | Response | tuple[str, int]


@pages.get("/account")
@access(Access.SIGNED_IN)
def show() -> str:
    """How I sign in, and where I am signed in now."""
    return _page(here())


@pages.post("/account/password")
@access(Access.SIGNED_IN)
def password() -> Answer:
    """Choose another password; every other browser is signed out."""
    me = here()
    new = request.form.get("password", "")
    wait = office().sign_ins.wait(me.who.handle, person_id=me.who.id, address=address(), now=me.now)
    wrong = {"old": f"Please wait {wait_words(wait)}, then try again."} if wait else {}
    if not wrong and new != request.form.get("again"):
        wrong = {"again": "Type the same password twice."}
    try:
        if not wrong:
            office().in_one_unit(
                lambda unit: accounts.change_password(
                    unit,
                    me.who.id,
                    request.form.get("old", ""),
                    new,
                    shortest=limits().password_length,
                    system=office().settings.system_name,
                    now=me.now,
                )
            )
    except Refused as refused:
        wrong = {unmet.field or "password": unmet.reason for unmet in refused.reasons}
        if "old" in wrong:
            office().sign_ins.failed(me.who.handle, address=address(), now=me.now)
    if wrong:
        return _page(me, wrong=wrong), 422
    office().sign_ins.end_all(me.who.id, now=me.now, but=me.browser.id)
    return redirect(url_for("account.show", done="password"))


@pages.route("/account/second-factor", methods=["GET", "POST"])
@access(Access.SIGNED_IN, proved=True)
def second_factor() -> Answer:
    """Set up a second factor: anybody may have one."""
    me = here()
    try:
        if request.method == "GET":
            return enrolment(me.who.id, needed=False)
        codes = office().in_one_unit(
            lambda unit: accounts.confirm_second_factor(unit, me.who.id, request.form.get("code", ""), now=me.now)
        )
    except Refused as refused:
        if refused.reasons[0].field is None:
            return redirect(url_for("account.show"))
        return enrolment(me.who.id, needed=False, error=refused.reasons[0].reason), 422
    office().sign_ins.end_all(me.who.id, now=me.now, but=me.browser.id)
    return render_template("recovery_codes.html", codes=codes, onward=url_for("account.show"))


@pages.post("/account/recovery-codes")
@access(Access.SIGNED_IN, proved=True)
def recovery_codes() -> Answer:
    """New recovery codes; the old ones end."""
    me = here()
    codes = office().in_one_unit(lambda unit: accounts.renew_own_codes(unit, me.who.id))
    return render_template("recovery_codes.html", codes=codes, onward=url_for("account.show"))


@pages.post("/account/remove-second-factor")
@access(Access.SIGNED_IN, proved=True)
def remove() -> Response:
    """Do without a second factor again, where the posts allow it."""
    me = here()
    office().in_one_unit(lambda unit: accounts.remove_second_factor(unit, me.who.id, today=me.today))
    return redirect(url_for("account.show", done="removed"))


@pages.post("/account/end-others")
@access(Access.SIGNED_IN)
def end_others() -> Response:
    """Sign out everywhere else."""
    me = here()
    office().sign_ins.end_all(me.who.id, now=me.now, but=me.browser.id)
    return redirect(url_for("account.show", done="ended"))


def _page(me: Here, *, wrong: dict[str, str] | None = None) -> str:
    with office().reading() as unit:
        account = accounts.known(unit, me.who.id, today=me.today)
    browsers = [one for one in office().sign_ins.of(me.who.id) if one.waits_for is None]
    last = next((one for one in browsers if one.began_at < me.browser.began_at), None)
    failures = office().sign_ins.failures(me.who.handle, since=last.began_at if last else me.browser.began_at)
    return render_template(
        "account.html",
        account=account,
        browsers=[one for one in browsers if one.ended_at is None],
        mine=me.browser,
        last=last,
        failures=failures,
        fresh=is_fresh(me.browser),
        wrong=wrong or {},
        length=limits().password_length,
        done=request.args.get("done", ""),
    )
