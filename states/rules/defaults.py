"""Choices where the sources are silent, drift, notices, and the parts of the rules the code refers to."""

from states.rules.reading import read

CHOICES = read("""
A6 | DEF | the source has no such branch | Not ratified: back to the group within 20 working days. A Head of
    Service may go ahead with reasons, and the IRO is told the same day.
A8 | DEF | the source can be read both ways | What may begin before ratification: checks and talk of money;
    the assessment itself begins with it.
A9 | DEF | the source names colours without meanings | An amber or red child may go ahead, with the reason.
A10 | DEF | the source sets no limit | The group sets the return date; nobody sets one more than 12 months
    ahead.
A12 | DEF | the source does not say | Either chair may decide against; it is looked at again after 12
    months.
A13 | DEF | the source does not say | The group is quorate with its chair and two of its three services.
A17 | DEF | the source does not say | The KDD's chair is a Team Manager or more senior.
A26 | SEED, DEF | SEED 003 | A child who will transfer counts from the day the transfer is decided.
A32 | REG·k | SEED 001 says means-tested, the regulations reviewed | Every year there is a review; means are
    tested again only where the award rests on a means test.
A35 | UNC | the regulations name no number | The time for representations: 28 days, at least 14.
A40 | DEF | the source does not say | Brothers and sisters are heard together and decided one by one, and
    each decision says what it means for the others.
""")

DRIFT = read("""
D-01 | DEF | no source found | In scope and not rated after 20 working days.
D-02 | DEF | no source found | A rating that nobody has looked at again within 6 months.
D-03 | DEF | no source found | Rated and not on an agenda within six weeks, or within the colour's interval.
D-04 | DEF | no source found | The date to return to the group has passed, and the child is on no agenda.
D-05 | DEF | no source found | A trajectory more than 10 working days late, or a milestone gone by.
D-06 | DEF | no source found | Agreed to progress, and nobody allocated within 5 working days.
D-07 | DEF | no source found | The same thing stands in the way at two ratings or hearings in a row.
D-08 | DEF | no source found | Three rounds of more work, or nine months in it and deferred after it.
D-09 | DEF | no source found | Can progress, and no KDD within 20 working days.
D-10 | DEF | no source found | A yes of the KDD that no review has ratified after three months.
D-11 | NSG, DEF | R-ASM-2 | An assessment of more than 12 weeks; of more than 16 it is urgent.
D-13 | DEF | no source found | An order expected within eight weeks and the money not final.
D-15 | DEF | no source found | Everything ready for an application for more than four weeks, and none
    issued.
D-16 | DEF | no source found | A direction of the court that is overdue.
D-17 | DEF | no source found | A child of 17 with special guardianship planned and no application.
D-18 | REG·v | Care Planning Regulations 2010 reg 33 | A statutory review overdue; the case system's own
    business.
D-19 | REG·v | Care Planning Regulations 2010 reg 28 | A statutory visit overdue; the case system's own
    business.
D-29 | SG·v | statutory guidance | No plan for permanence at the second review; the case system's own
    business.
D-35 | DEF | no source found | Nothing has happened for 30 days and nothing is planned.
D-36 | DEF | no source found | An open task whose post nobody at work holds: somebody left, or nobody was named.
D-37 | DEF | no source found | A decision written down more than 5 working days after it was taken.
D-38 | DEF | no source found | Ratified, and the assessment not begun within 10 working days.
D-41 | DEF | practice | Turned eighteen, died, moved or left care, and nobody has said whether the case ends.
D-40 | DEF | no source found | A value of the policy past the last day for which it was given.
""")

NOTICES = read("""
NT-01 | DEF | no source found | A child newly in scope: the Team Manager is asked to rate.
NT-02 | DEF | no source found | A rating is due or late: Team Manager, later the Head of Service.
NT-03 | DEF | no source found | The agenda is out: members and presenting managers prepare.
NT-04 | DEF | no source found | What the group decided: everyone who must act.
NT-05 | DEF | no source found | A return date is near or here: put the child on an agenda.
NT-06 | DEF | no source found | A trajectory is due or late.
NT-07 | DEF | no source found | A worker has been allocated.
NT-08 | DEF | no source found | The initial meeting: invitation and outcome, to carers by letter.
NT-09 | DEF | no source found | A KDD has a date: papers.
NT-10 | SEED, DEF | SEED 003 | What the KDD decided: the IRO the same day, carers by letter, the team.
NT-11 | DEF | no source found | The next review is far off: can it be brought forward?
NT-12 | DEF | no source found | What the review decided.
NT-13 | DEF | no source found | The assessment at half time, near its target, at it, and at its longest
    time.
NT-14 | DEF | no source found | A notice of intention has come.
NT-15 | DEF | no source found | The first day for an application is near.
NT-16 | DEF | no source found | The time for representations begins, is nearly over, is over.
NT-21 | DEF | no source found | A direction of the court is coming up.
NT-22 | DEF | no source found | An order has been made.
NT-32 | DEF | no source found | A safeguarding concern: at once.
N-1 | DEF | no source found | A mail holds a reference that says nothing, and a link.
N-2 | DEF | no source found | Letters to carers are documents with a version, a way and a day of sending.
N-4 | DEF | no source found | A message that cannot be delivered is told to a named person.
N-6 | DEF | no source found | Who has left or is away does not swallow a message: it goes to cover or
    manager.
N-7 | DEF | no source found | No family's address in internal messages; a protected one is in nothing others
    may see.
""")

SOURCES_SAY = read("""
S1-1 | SEED | SEED 001 | Five ways to permanence, from going home to adoption.
S1-2 | SEED | SEED 001 | They are compared by the same questions; a KDD shows the comparison.
S3-3 | SEED | SEED 003 | Amber or red and not ready: a date to return, always.
""")

PARTS = read("""
rules 0.1 | OURS | how rules are marked | Every rule and every number says whose authority it rests on.
rules 0.2 | OURS | how rules are marked | It also says whether the text was read or only known.
rules 0.3 | LP·v, DEF | Leicestershire's decision-making framework | Numbers are settings, not code. No
    child goes backwards or is closed unseen. The post named is the lowest that may decide.
rules 1.1 | SEED | SEED 003 | The posts: who does what for a child.
rules 1.2 | SEED | SEED 003 | The meetings and bodies, and what they decide.
rules 2 | DEF | no source found | How days, weeks and months are counted: R-CLK-1 to R-CLK-9.
rules 3.4 | REG·v | Care Planning Regulations 2010 | The clocks of reviews and visits, which run until the
    order.
rules 4 | DEF | no source found | The pathway as states and transitions.
rules 5.0 | SEED, DEF | SEED 003; most days are a default | Each stage on a card: who, what, by when, who is
    told.
rules 5.1 | SEED, DEF | SEED 003 | Who is on the pathway.
rules 5.2 | SEED, DEF | SEED 003 | Rating in four colours. Nobody in the family is told of a rating.
rules 5.3 | SEED, DEF | SEED 003 | The Review Group.
rules 5.4 | SEED, DEF | SEED 003 | The trajectory.
rules 5.6 | SEED, DEF | SEED 003 | Further work.
rules 5.7 | SEED, DEF | SEED 003 | The Key Decision Discussion.
rules 5.8 | SEED, DEF | SEED 003 | Ratification at the review of arrangements.
rules 5.9 | SEED, NSG·v, DEF | SEED 003 | Assessment, support plan, family network.
rules 5.10 | REG·v | Special Guardianship Regulations 2005 reg 21 and Schedule | The sections of the court
    report; one that does not apply says why, and a no says what instead.
rules 5.11 | ACT·k, REG·v, DEF | Children Act 1989 | Notice, Legal, court and order.
rules 5.12 | DEF | no source found | Deciding not to progress.
rules 8 | DEF | no source found | Who is told what, why, and how.
rules 9 | REG·k, DEF | Special Guardianship Regulations 2005 | After the order.
rules 10 | DEF | no source found | What the night looks for, how grave it is, and how it climbs if nobody
    acts.
rules 11 | REG·v, DEF | Care Planning Regulations 2010 reg 50 | Keeping records, and who may see them.
rules 11.1 | DEF | no source found | Which role may read, write or decide what.
rules 12.2 | SEED | SEED 001 | What the Essex permanence policy asks of a system.
rules 14 | DEF | no source found | The register of everything an authority may set, by section and key.
""")

DEFAULTS = {**CHOICES, **DRIFT, **NOTICES, **SOURCES_SAY, **PARTS}
