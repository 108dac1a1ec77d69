"""The money: what may be asked, who decides it, what follows a signature (rules 3.3, 7; practice 4)."""

from states.rules.reading import read

MONEY = read("""
rules 7 | SEED, DEF | SEED 003 | A request for money is a process of its own beside the child's.
rules 7.1 | SEED, DEF | SEED 003 | The states of a request, from what is asked to what may be paid.
rules 7.2 | SEED, DEF | SEED 003 | Two routes: needs-led through the Review Group, grants and loans through the
    Permanence Panel; and who signs at which amount.
R-FIN-1 | SEED | SEED 003 | A needs-led allowance goes to the Review Group, whose chair recommends; then Head of
    Service; the Assistant Director decides. Another Head of Service is asked where the first disagrees.
R-FIN-3 | SEED, DEF | SEED 003 | Below 10,000 the Head of Service, up to 20,000 the Assistant Director, above it the
    Director; above 10,000 DMT as well. The post named is the lowest that may sign.
R-FIN-4 | DEF | no source found | The post is found by the highest amount asked or recommended, with what the
    household has asked for the same purpose in twelve months. Of an allowance the yearly value counts.
R-FIN-6 | DEF | no source found | Nobody decides what they prepared, assessed or recommended; nor through cover.
R-FIN-7 | SEED | SEED 003, Appendix D | What a decision holds: amount, how often, period, start, purpose, budget code,
    conditions, reasons, alternatives, documents, signature, day.
R-FIN-8 | DEF | no source found | Agreed, refused or returned with questions; everybody concerned is told.
R-FIN-9 | SEED, DEF | SEED 003; when one is needed is a default | A contract comes through the Duty Solicitor, and the
    carers take their own advice; nothing is paid before it is signed.
R-FIN-11 | SEED, NSG·k | SEED 003, Appendix D; national rules for officers' decisions | The Officer Decision Record:
    what was decided, by whom, why, what else was looked at, who was asked, which interests.
R-FIN-12 | DEF | no source found | How long each step of a request may take, and the whole of it.
R-FIN-13 | REG·k | Special Guardianship Regulations 2005 reg 7 | A remuneration element is decided before the order.
R-FIN-14 | DEF | no source found | A decision in principle pays nothing: signature, notice, conditions and contract
    come first.
R-FIN-15 | DEF | no source found | An amount is more than nothing, in pounds and pence, with a purpose.
R-MON-4 | REG·k | Special Guardianship Regulations 2005 reg 9 | Regular money ends when the child no longer lives
    there, starts work, has a benefit of their own or turns 18.
R-NLA-1 | SEED, DEF | SEED 003, Appendix C | The child's needs now, in the medium and in the long term; how the carers
    meet them; what the money adds.
R-NLA-2 | DEF | no source found | A needs-led assessment has a means test behind it, or says why not, and the child's
    voice.
R-NLA-3 | DEF | no source found | It goes to the group within 10 working days of the means test.
R-MON-2 | REG·k | Special Guardianship Regulations 2005 reg 7 | A remuneration element: only before the order, for the
    child's own foster carer, where it is necessary for the order.
R-MON-3 | REG·k | Special Guardianship Regulations 2005 reg 8 | Regular money for a need that recurs; otherwise once, or
    in instalments.
R-MON-8 | REG·k | Special Guardianship Regulations 2005 reg 13 | Means do not count for the legal costs of a supported
    application.
A1 | UNC | SEED 003 contradicts itself | The procedure's text and the form draw the tiers differently. One of them
    counts, by policy; the other is shown beside it.
A2 | DEF | the source can be read both ways | A needs-led allowance ends at the Assistant Director, whatever the amount.
A4 | DEF | the source does not say | DMT's yes is a condition, not the decision; its no can only be overcome by the
    Director.
A5 | DEF | the source does not say | The second Head of Service gives a view. Two against a grant of the first tier:
    refused. Split: the Assistant Director decides.
A18 | DEF | the source can be read both ways | A request is before the order or after it; after it no remuneration.
A19 | DEF | the source does not say | A contract: for a loan always, a grant from 10,000, property and vehicles.
A22 | DEF | the source does not say | A refusal has reasons and time for representations, which somebody else and
    more senior looks at.
A23 | DEF | the source does not say | A request never falls to a lower post once a higher amount was named.
A24 | DEF | the source does not say | Requests are added up by household and purpose over twelve months.
A25 | SEED, DEF | SEED 003, Appendix D | The Officer Decision Record is mandatory for the Director.
A27 | SEED, DEF | SEED 003 | The two workers attend; carers do not, and say their views in writing.
A28 | DEF | the source can be read both ways | Regular money goes to the Review Group, single sums to the Permanence
    Panel; a mixed need is two linked requests.
D-12 | DEF | no source found | A step of a funding request over its time; the whole of its way is urgent.
D-14 | DEF | no source found | An order is near, remuneration is asked for, and its decision is not final.
A37 | DEF | the source does not say | The last day paid is the day before the eighteenth birthday.
D-39 | DEF | no source found | A contract pending for more than 30 working days, or money paid without one.
NT-17 | DEF | no source found | A request is handed over, or waits too long.
NT-18 | DEF | no source found | A Head of Service disagrees: a second view is wanted.
NT-19 | DEF | no source found | A request is decided: everybody concerned.
NT-20 | DEF | no source found | A contract is needed: Legal and the workers.
PM-1 | SEED, DEF | practice | Six kinds of money, each with somebody who signs it. A kind without one is refused.
PM-2 | DEF | practice | No rule about what money comes to over a lifetime; one about its yearly value only where set.
PM-3 | DEF | practice | A chair who would also sign is warned when the agenda is made, and refused at the signature.
PM-4 | DEF | practice | The locality worker prepares for a locality child. A referral is a record. Whoever should
    attend comes, is stood in for, or the hearing is adjourned.
PM-5 | DEF | practice | What the finance tracker keeps of each agreed sum, typed; what changes is a dated line; theirs
    is held against ours cell by cell.
PM-6 | DEF | practice | A decision on one page: what is asked, what it costs, what was recommended, the clause.
PM-7 | DEF | practice | What is committed against the budget by kind, this year and next.
""")
