"""Dates and steps in reasons, as pages say them."""

import pytest
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader

from web.formats import with_days


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            "The return date 2026-07-09 is not before 2026-05-03.",
            "The return date 9 July 2026 is not before 3 May 2026.",
        ),
        ("Reference 2026-13-45 is no date.", "Reference 2026-13-45 is no date."),
        ("SG-2026-07-091 and 12026-07-09 stay.", "SG-2026-07-091 and 12026-07-09 stay."),
        ("Nothing to say.", "Nothing to say."),
        ("The report is missing (write_report).", "The report is missing (Write the report)."),
        ("Adjourn (adjourn_hearing), or not (no_step).", "Adjourn (Adjourn to a later meeting), or not (no_step)."),
    ],
)
def test_dates_and_steps_in_a_reason_are_written_out(written, said):
    assert with_days(written) == said


def test_what_is_folded_on_every_line_is_the_design_systems_own_component():
    pages = Environment(
        loader=ChoiceLoader(
            [PackageLoader("web"), PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})]
        ),
        autoescape=True,
    )
    both = pages.from_string(
        '{% from "parts/fold.html" import fold %}'
        '{% from "govuk_frontend_jinja/components/details/macro.html" import govukDetails %}'
        "{% set words %}<p>Words</p>{% endset %}{% set summary %}<b>More</b>{% endset %}"
        '{{ fold(summary, words) }}|{{ govukDetails({"summaryHtml": summary, "html": words}) }}'
    ).render()
    ours, theirs = ("".join(half.split()) for half in both.split("|"))
    assert ours == theirs
