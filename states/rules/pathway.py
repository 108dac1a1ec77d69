"""The rules of the pathway itself: who is on it, each stage, its clocks, the law around it (rules 2 to 5)."""

from states.rules.reading import read

CLOCKS = read("""
R-CLK-1 | DEF | no source found | A working day is Monday to Friday and no bank holiday in England. An
    authority's own closing days count as days off for its local clocks, never for the law's.
R-CLK-2 | DEF | no source found | The day it happened is day 0; within 10 days means by the end of the tenth
    day after.
R-CLK-3 | ACT·v | Children and Families Act 2014 s14 | Where a period begins with a day, that day is day 1.
R-CLK-4 | DEF | no source found | Months go to the same day of the month. What must be done by then falls
    back to the month's end where there is no such day; what must not happen before then moves on to the
    1st.
R-CLK-5 | REG·k | Special Guardianship Regulations 2005 reg 10 | When so many days must have passed since
    something, the first possible day is the one after them.
R-CLK-6 | DEF | no source found | A deadline set by law stays on its day even if the office is closed; the
    warning comes on the working day before. Local working-day clocks never end on a day off.
R-CLK-7 | DEF | no source found | Age changes at the start of the birthday. Who was born on 29 February
    comes of age on 1 March in other years, unless the policy says otherwise.
R-CLK-8 | DEF | no source found | Dates of the work are London dates, kept beside instants in UTC. The night
    works with one date throughout, and a change of the clocks neither makes nor loses a day.
R-CLK-9 | DEF | no source found | A local clock may stand still, with a reason and the day on which it
    should go on. The law's clocks never stand still.
""")

LAW = read("""
R-LAW-3 | ACT·k | Children Act 1989 s14A(5), s10(5) | Who may apply without the court's leave: among others
    a foster carer or a relative with whom the child has lived for a year, or whoever the responsible people
    consent to.
R-LAW-4 | ACT·k | Children Act 1989 s14A(7) | A carer tells the authority in writing, more than three months
    before applying.
R-LAW-5 | ACT·k | Children Act 1989 s14A(7); Adoption and Children Act 2002 s29 | No notice is needed where
    the court gives leave in an adoption case or itself asks for the report.
R-LAW-11 | ACT·k | Children Act 1989 s14D, s91(13) | The order ends at 18 unless a court changes or ends it
    before.
R-LAW-13 | ACT·v | Children Act 1989 s32 | Care proceedings are to end within 26 weeks of issue; each
    extension is at most 8 weeks. An application on its own is not under this clock.
R-LAC-1 | REG·v | Care Planning Regulations 2010 reg 33 | A looked-after child's first review is within 20
    working days, the second within 3 months of it, later ones within 6 months of each other; sooner if the
    IRO asks.
R-LAC-2 | REG·v | Care Planning Regulations 2010 reg 32 | The care plan is not changed in any important way
    before a review has considered it. The review considers; the authority decides.
R-LAC-4 | REG·v | Care Planning Regulations 2010 reg 28 | A child in care is visited within a week of a placement,
    then every six weeks in its first year; after that every three months where the placement is to last to
    18, else every six weeks.
R-LAC-6 | SG·v | IRO Handbook 6.2 | An IRO's dispute climbs step by step and is settled within 20 working
    days; the IRO may skip steps and may go to Cafcass at any time.
R-SUP-7 | REG·k | Special Guardianship Regulations 2005 reg 15 | Before deciding about support the authority
    sends a notice of what it proposes and lets people answer; it decides only after that.
R-SUP-8 | UNC | the regulations name no number | How long people have to answer: 28 days, never fewer than
    14, fewer than 28 only with consent or urgency on record.
R-SUP-9 | REG·v | Special Guardianship Regulations 2005 reg 16 | The decision goes out in writing with its
    reasons, the plan, who watches over it, and what holds for the money.
R-SUP-10 | REG·v | Special Guardianship Regulations 2005 reg 17 | Support is looked at again when something
    changes and at least once a year.
R-MON-5 | REG·k | Special Guardianship Regulations 2005 reg 10 | Regular money starts once the guardian has
    agreed what they must tell the authority, and when.
R-REV-1 | REG·k | Special Guardianship Regulations 2005 regs 10, 18 | An allowance is
    reviewed every year, from the order or the first payment; the statement's form goes out eight weeks before.
R-REV-2 | DEF | no source found | What a review can come to: the same, more, less, an end, or paid in another way.
R-REV-4 | REG·k | Special Guardianship Regulations 2005 reg 10(4) | When the yearly statement is missing,
    nothing is stopped until a written reminder is out and 28 days have passed.
R-FIN-2 | SEED | SEED 003 | A grant or loan goes to the Permanence Panel; its chair recommends, and the post for
    the amount decides.
R-FIN-5 | SEED, DEF | SEED 003; the order is a default | Above the first tier DMT approves before the post for
    the amount signs.
R-FIN-10 | SEED, DEF | SEED 003; the days are a default | After the last signature the agreement goes to the
    case system and to the finance tracker, once, within 2 working days.
""")

MOVES = read("""
T1 | SEED, DEF | SEED 003 | The Team Manager rates a child who is in scope: a colour with its reason.
T2 | SEED, DEF | SEED 003 | A rated child is put on the agenda of a meeting that is still to come.
T3 | SEED, DEF | SEED 003 | A quorate group agrees to progress and says why; with amber or red also why it
    goes ahead.
T4 | SEED | SEED 003 | The group puts a child off with a date to come, what stands in the way, and who does
    what.
T5 | SEED, DEF | SEED 003 | A child comes back to the agenda on the return date or before, and may be taken
    off again.
T6 | SEED, DEF | SEED 003 | The SGO team names a worker who works here and has no conflict of interest.
T7 | SEED | SEED 003 | The worker calls the initial meeting; the child's worker, the carers and their worker
    are asked.
T8 | SEED, DEF | SEED 003 | On to the Key Decision Discussion when the meeting says so and the trajectory is
    complete.
T9 | SEED | SEED 003 | The workers ask for more work first: at least one action, and a new trajectory.
T10 | SEED, DEF | SEED 003 | A child comes back to the group with a newer trajectory than the one it last
    saw.
T11 | SEED | SEED 003 | The KDD finds special guardianship right, with legal oversight and a full record.
T12 | SEED | SEED 003 | The KDD asks for more work: actions and a date to return.
T13 | SEED, DEF | SEED 003 | The KDD decides against it and names another plan for permanence.
T14 | SEED | SEED 003 | The review of arrangements, really held, ratifies the decision; the child's view is
    on record.
T15 | SEED, DEF | SEED 003; what follows is a default | The review does not ratify and says why: back to the
    group.
T16 | SEED, DEF | SEED 003 | The worker submits to Legal once everything that a submission needs is there.
T17 | ACT·k | Children Act 1989 s14A(7) | Legal records the issued application: after three months' notice,
    or exempt.
T18 | ACT·k | Children Act 1989 s14A | Legal records the order: its date, the court, the guardians, what it
    provides.
T19 | REG·k, DEF | Special Guardianship Regulations 2005 regs 10, 16 | Support starts: decision sent and,
    where money is paid, conditions agreed and the first payment dated.
T20 | DEF | no source found | Refused or withdrawn: why, and a review of the care plan within 28 days.
T21 | SEED, DEF | SEED 003 | Before court, either chair or a Head of Service may stop: why, the other plan,
    when to look again.
T22 | DEF | no source found | New information brings a stopped child back.
T23 | DEF | no source found | A case ends when the child is 18, has died, moved, been adopted or gone home,
    or the order has ended.
R-SM-1 | DEF | no source found | A step that may not be taken is refused with everything that is missing,
    and changes nothing.
R-SM-3 | DEF | no source found | Mistakes are put right by new entries; nothing is overwritten. The true
    date may be past, with the reason, and the day of entry is kept beside it.
R-SM-4 | DEF | no source found | Brothers and sisters are linked cases, each at its own stage, each with its
    own decision.
""")

STAGES = read("""
R-ELG-1 | SEED, DEF | SEED 003; the age is a default | Who is meant: looked-after children under a care
    order, young enough that notice and court still fit before 18.
R-ELG-3 | DEF | no source found | The cohort is refreshed from the feed; who is new gets a first rating
    within 20 working days.
R-ELG-4 | DEF | no source found | What must be known of a child: ids, birth, legal status, placement,
    people, reviews.
R-ELG-5 | DEF | no source found | Show by which way the carer may apply; warn before the KDD, never block.
R-RAG-1 | SEED | SEED 003 | A rating is one of four colours with a reason, what stands in the way, and a
    date.
R-RAG-2 | DEF | no source found | What the colours mean: nothing outstanding, small tasks, much work first,
    not now.
R-RAG-3 | SEED, DEF | SEED 003 | Green and yellow may go ahead; amber and red that are not ready get a date
    to return. The colour and the decision are two things.
R-RAG-4 | DEF | no source found | Rate again at least every 6 months, and within 10 working days of a real
    change.
R-RAG-5 | DEF | no source found | All ratings are kept; the same thing in the way twice in a row is looked into.
R-RAG-6 | DEF | no source found | What stands in the way comes from a fixed list; OTHER says what it is.
R-RG-1 | SEED, DEF | SEED 003; the quorum is a default | A meeting of the group: its date, chair, who came
    for which service, which children were heard.
R-RG-2 | DEF | no source found | Papers are in five working days before the meeting.
R-RG-3 | SEED | SEED 003 | Each service's view on each child is written down before the chair records the
    outcome.
R-RG-4 | SEED, DEF | SEED 003; the intervals are a default | What the group may decide, and for how long it
    may put a child off without a Head of Service's reason.
R-RG-5 | SEED, DEF | SEED 003; the days are a default | Agreement to progress asks for a trajectory within
    10 working days and a worker within 5.
R-RG-6 | DEF | no source found | A return date lies ahead, fits a meeting, and is well before 17.
R-RG-7 | SEED | SEED 003 | The group has one mailbox; what is sent there is a link and no data of a child.
R-RG-8 | DEF | no source found | The group's decisions reach everyone concerned within 5 working days.
R-TRJ-1 | DEF | no source found | A trajectory is a dated plan in versions, owned by the child's worker.
R-TRJ-2 | DEF | no source found | The usual milestones, from the initial meeting to the first payment.
R-TRJ-3 | DEF | no source found | A date that moves later has its reason, and what it adds up to is shown.
R-ALC-1 | SEED, DEF | SEED 003; the days are a default | A named worker of the SGO team has the case within
    5 working days; who had it before stays known.
R-IM-1 | SEED, DEF | SEED 003; the days are a default | The initial meeting is within 15 working days of
    allocation, and carers have written information before it.
R-IM-2 | SEED | SEED 003 | It ends in going on, in more work, or in carers declining, which goes to the
    group.
R-IM-3 | DEF | no source found | Its record: who came, child's and carers' views, what was explained, what
    is to be done.
R-FW-1 | SEED, DEF | SEED 003; the months are a default | More work is agreed by the workers together; the
    first round lasts at most 3 months.
R-FW-2 | DEF | no source found | At the third round in a row, or after 9 months in further work and
    deferred after it, a Head of Service says whether it goes on.
R-KDD-1 | SEED, DEF | SEED 003; the days are a default | A Key Decision Discussion with legal oversight
    comes before the assessment, within 20 working days.
R-KDD-2 | SEED, DEF | SEED 003 | Its record compares the options and says who chaired, who advised, and why.
R-KDD-4 | SEED, DEF | SEED 003 | After a yes the IRO hears the same day, and the carers learn in writing
    about notice.
R-KDD-5 | DEF | no source found | The discussion is on the case system within 5 working days.
R-ROA-1 | SEED | SEED 003 | The decision is ratified at the child's next review of arrangements.
R-ROA-2 | DEF | no source found | If that review is far off, ask for an earlier one; after three months it
    is drift.
R-ROA-3 | DEF | no source found | Its record: date, IRO, how the child took part, the parents' views,
    outcome, new plan.
R-ROA-4 | REG·v | SSDA903 rules 440 and 441 | Code PN0 is for a child under four at the review, PN1 to PN7
    for others.
R-ROA-5 | DEF | no source found | Where the review does not ratify, A6 says what follows.
R-ASM-1 | SEED | SEED 003 | The worker writes assessment, support plan and statement of best interests, and
    makes the cultural genogram.
R-ASM-2 | NSG·v, DEF | Family Justice Council guidance; the ceiling is a default | 12 weeks as a target, 16
    at the most, a look at half time, counted from ratification.
R-ASM-3 | NSG·v, DEF | Family Justice Council guidance; the days are a default | A new carer is first looked
    at in outline; a no comes with how to challenge it.
R-ASM-4 | DEF | no source found | Checks are asked for, come back and grow old: police, health, references,
    councils.
R-ASM-5 | REG·v | Special Guardianship Regulations 2005 reg 21 and Schedule | The report has the prescribed
    sections.
R-ASM-6 | REG·k, LP·v | Special Guardianship Regulations 2005 reg 14 | A support plan says who does what for
    which need, who watches over it, and when it is reviewed, within a year.
R-ASM-8 | SEED, DEF | SEED 003 | At least one Family Network Meeting, or the reason for none.
R-ASM-9 | SEED, REG·v, DEF | SEED 003; Special Guardianship Regulations 2005 | All that must be there before
    Legal gets the file.
R-ASM-10 | DEF | no source found | What is more than 6 months old in a report is brought up to date before
    filing.
R-ASM-11 | DEF | no source found | Reports are with Legal 10 working days before they are filed; Legal
    confirms.
R-ASM-12 | DEF | no source found | A safeguarding concern halts the assessment and is told at once.
R-NOT-1 | ACT·k, DEF | Children Act 1989 s14A(7); the days are a default | A notice of intention is
    recorded, answered within 5 working days, and gives the first day for an application.
R-NOT-2 | ACT·k | Children Act 1989 s14A(8) | A carer may give notice without the pathway; the duty to
    investigate and report is the same.
R-CRT-1 | DEF | no source found | The court's dates and directions; each direction is a deadline with an
    owner.
R-CRT-2 | ACT·v | Children Act 1989 s32 | In care proceedings the 26-week day is shown, and each extension
    with its reason and new end.
R-CRT-4 | REG·v | SSDA903 codes E45 to E48, rules 407 and 516 | Being looked after ends with the order,
    under a code that fits the last placement and the child's age.
R-CRT-5 | DEF | no source found | Who hears of an order, the same day.
R-NP-1 | DEF | no source found | A decision against needs another plan, who has been told, and when to look
    again.
""")

RECORDS = read("""
R-REC-1 | REG·v | Care Planning Regulations 2010 reg 50 | A looked-after child's record is kept until the
    75th birthday, or for 15 years after a death before 18.
R-REC-2 | REG·v | Adoption regulations | Adoption records are kept for at least 100 years.
R-REC-3 | UNC | no period found for other children | Guardianship files are kept as long; finance records 6
    years.
R-REC-5 | CASE·v, DEF | Re M and N; the days are a default | Notes are made at the time, dated and signed.
R-DRF-1 | DEF | no source found | The same night again finds nothing new.
R-DRF-2 | DEF | no source found | A night that was missed is caught up, day by day.
R-DRF-3 | DEF | no source found | What was overdue on any past day can be told again.
R-DRF-4 | DEF | no source found | A case that cannot be checked stops no other; it is listed.
R-DRF-5 | DEF | no source found | Every open case is looked at once a night, and the numbers add up.
""")

PATHWAY = {**CLOCKS, **LAW, **MOVES, **STAGES, **RECORDS}
