"""How this system is built, where the code refers to it (design)."""

from states.rules.reading import read

DESIGN = read("""
design 2 | OURS | this project | An act is one database transaction; what follows from it runs afterwards
    and may be late.
design 3 | OURS | this project | Folders, and dependencies that point one way.
design 4 | OURS | this project | Processes are typed tables; a record is declared once.
design 4.1 | OURS | this project | The states of a case.
design 4.2 | OURS | this project | The steps and acts of a case.
design 5 | OURS | this project | The decisions that shape everything.
design 5.1 | OURS | this project | The case row is the truth. An act never commits; only an entry point
    does.
design 5.2 | OURS | this project | Locks instead of luck: two people cannot decide the same thing at once.
design 5.4 | OURS | this project | One chain of entries per case, sealed each night; reading is logged
    before it is shown.
design 5.5 | OURS | this project | When it happened and when it was written down. How to correct, and how to
    take back.
design 5.6 | OURS | this project | Deadlines are rows; overdue is worked out when looked at.
design 5.7 | OURS | this project | Policy is dated data, adopted by a person. The post named is a floor.
design 5.8 | OURS | this project | Who prepared does not decide: tested on the person, whatever way they come.
design 5.9 | OURS | this project | The clock comes in by the front door; what is inside is told the date.
design 5.10 | OURS | this project | The night: one date, every open case, and proof of it.
design 5.11 | OURS | this project | Nothing personal leaves the case database. Carers get letters, not
    mails.
design 5.12 | OURS | this project | One digest a day; at once only for a short list.
design 5.13 | OURS | this project | Nothing phones home.
design 5.14 | OURS | this project | Pages are made by the server, complete without scripts, and allow nothing from
    elsewhere.
design 6 | OURS | this project | A breach of the law's deadline stays visible for good.
design 7 | OURS | this project | The command line is a public interface: keys are added, never renamed.
design 8 | OURS | this project | How fast it must be, measured against something else on the same machine.
""")
