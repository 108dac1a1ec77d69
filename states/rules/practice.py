"""What the people who do the work need; it wins over the rules of the pathway where they differ."""

from states.rules.reading import read

PRACTICE = read("""
PR-1 | DEF | practice | Facts are never refused. What happened is written down from any stage, the case
    follows, and what was missing becomes a flag for somebody to look at.
PR-2 | DEF | practice | Who decided is not who typed. Both are kept; the decider confirms or disputes, and
    duties are kept apart by who decided.
PR-3 | DEF | practice | Every child has a latest position: what, what next, who, by when, with its history.
PR-4 | DEF | practice | Going live without a flood: children join where they are, and old lateness is shown
    as inherited.
PR-5 | DEF | practice | The system closes nothing. It proposes, a person confirms.
PR-6 | DEF | practice | Write it once: what siblings share, dates filled in backwards from the order, text
    to copy.
PR-7 | DEF | practice | The case system is the record of practice. We note that something was uploaded
    there, never claim to have done it.
PT-1 | DEF | practice | Every child in the service is rated, or marked as not on the pathway with the
    reason.
PT-2 | SEED, DEF | SEED 003; the intervals are a default | The Team Manager proposes a colour, the group
    confirms or changes it. Each colour has its interval; "unchanged" may be decided at the desk.
PT-3 | DEF | practice | Every outcome a meeting can have is a step: adjourned, put off, more work, returned.
PT-4 | DEF | practice | First listed, then papers. The chair may take late ones. A missing service has five
    working days to object.
PT-5 | DEF | practice | A child who comes from further work keeps worker and initial meeting and may go to
    the KDD.
PT-6 | DEF | practice | Family network meetings and genograms may be recorded from allocation. The comparison of
    options is printed for carers and child at the initial meeting.
PT-7 | DEF | practice | The KDD's chair may be in the child's line, on record. Legal advice may be present
    or written.
PT-8 | DEF | practice | Ask for an earlier review when the next is more than 56 days off. Not ratified holds
    up new commitments only.
PT-9 | DEF | practice | Money runs beside the assessment; the two meet when the file goes to Legal, which
    may be straight from the assessment.
PT-10 | DEF | practice | Only true dependencies stop a trajectory: KDD before review, notice before
    application.
PT-11 | DEF | practice | Carers come, go and change. A change goes back to the KDD unless its chair says why
    not.
PT-12 | DEF | practice | Anyone working with the child may note a view. Opposition asks the Team Manager to
    look within ten working days; by itself it stops nothing.
PT-13 | DEF | practice | A placement that ends halts local clocks and asks for a new rating. Respite or
    hospital do not.
PT-14 | DEF | practice | A direction earlier than our target takes its place, and manager and Legal hear at
    once.
PT-15 | DEF | practice | A moved meeting moves everything on it, and nobody is blamed for the lost time.
PT-16 | DEF | practice | Two cases of one child become one. What was written on the wrong child is moved.
PT-17 | DEF | practice | A child comes from another authority at the stage reached there, and leaves with a
    handover.
PT-18 | DEF | practice | Back from leave: several past steps in their order, with their true dates and no
    late mail.
PT-19 | DEF | practice | Workers leave, and work some days only: cover, working days, a handover sheet.
PT-20 | DEF | practice | For each decision, who was told, when and how; a protected address stays protected.
PT-21 | DEF | practice | An IRO may raise a concern, informal at first and then formal, with a clock.
PN-1 | DEF | practice | Reviews and visits belong to the case system; their drift rules are off.
PN-2 | DEF | practice | Findings climb past the Team Manager only when urgent; a Head of Service gets one
    page a week.
PN-3 | DEF | practice | Green is on an agenda within six weeks, the others within their interval.
practice 3 | DEF | practice | The night, put right.
practice 5 | DEF | practice | The words people read on the screen, and what a mail may say.
practice 6 | DEF | practice | The screens that people are won over by.
practice 6.1 | DEF | practice | The Review Group's table: tonight's children in rows, with what the group
   looks at; typed live and saved row by row, a result for each; minutes and letters ready at the end.
practice 6.3 | DEF | practice | One page on a child: where, since when, what next, what blocks, in whose
    words.
practice 6.4 | DEF | practice | The money desk: what waits for whom and for how many days, papers of panels,
    committed against budget, reviews due, orders that come with no money agreed.
practice 6.5 | DEF | practice | The monthly report: who is stuck, who moved, and why.
practice 7 | DEF | practice | What comes in: bad rows are left out and listed, a wrong file is refused,
    nobody is closed because a feed does not name them.
""")
