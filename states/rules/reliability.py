"""What the system promises when things go wrong, and the attacks and traps it knows of (reliability)."""

from states.rules.reading import read

RELIABILITY = read("""
reliability R1 | OURS | this project | A step is there wholly or not at all.
reliability R3 | OURS | this project | Only legal steps happen, in whatever order things are tried.
reliability R4 | OURS | this project | Two people cannot decide the same thing.
reliability R2 | OURS | this project | What was answered with success is still there after a crash.
reliability R5 | OURS | this project | Nobody decides what they prepared, recommended or heard.
reliability R6 | OURS | this project | What was signed is frozen; a change is a new round.
reliability R7 | OURS | this project | The same command twice has one effect; the same key with another
    content is refused.
reliability R9 | OURS | this project | Every step leaves exactly the messages its notices name, none missing and
    none twice.
reliability R10 | OURS | this project | Every message ends as sent, withheld with a reason, or failed with
    somebody told.
reliability R11 | OURS | this project | What somebody is to be told is told at once, in exactly one digest,
    or kept back with a reason.
reliability R12 | OURS | this project | Whether somebody may still get a message is asked when it is sent.
reliability R13 | OURS | this project | One complete night for each date; missed ones are caught up in
    order.
reliability R15 | OURS | this project | Prefect may die, or lose its database: people work on, and what
    waited is done later.
reliability R16 | OURS | this project | Work that got stuck is found within five minutes, from our own
    tables.
reliability R17 | OURS | this project | A wrong file is refused whole, a bad row alone; the same file again
    changes nothing.
reliability R18 | OURS | this project | A document comes out as it went in, and only through the case.
reliability R19 | OURS | this project | Tampering with the history is found, a cut-off end included.
reliability R20 | OURS | this project | Each reading of a child's record is written down before anything is
    shown.
reliability R21 | OURS | this project | Who may do what is one table, and a test asks every way in.
reliability R22 | OURS | this project | Who may not open a restricted case cannot tell that it exists.
reliability R23 | OURS | this project | Access that has ended is gone at the next request.
reliability R24 | OURS | this project | Nothing personal is found outside the case database, after success
    or failure.
reliability R25 | OURS | this project | Nothing of ours, nor the browser on our pages, reaches beyond this machine.
reliability R26 | OURS | this project | A restored backup sends nothing until a person lets it.
reliability R28 | OURS | this project | A decision is judged by the rules of its day, and stays so.
reliability R29 | OURS | this project | A full disk refuses in plain words and loses nothing that was
    confirmed.
reliability R35 | OURS | this project | In an emergency a record is open within a minute, for some hours, to
    read only, and somebody is told.
reliability A.3 | OURS | this project | What goes wrong when two people act at once, and what prevents it.
reliability A.4 | OURS | this project | What the best do for records and their history.
reliability A.7 | OURS | this project | What the application security standard asks that matters most here.
reliability B.3 | OURS | this project | What may honestly be said of each part, mail above all.
reliability B.4 | OURS | this project | How a message is delivered: claim, ask again who may, try, record,
    try later.
reliability B.4.1 | OURS | this project | A claim names its owner and ends by itself.
reliability B.4.3 | OURS | this project | A message keeps its id through every try.
reliability B.4.8 | OURS | this project | After several broken connections a channel pauses, with one alarm.
reliability B.4.9 | OURS | this project | A person gets so many messages an hour and no more; the rest
    waits.
reliability R14 | OURS | this project | Checked twice, the same night finds nothing new and sends nothing.
reliability R30 | OURS | this project | Order comes from the sequence, not from the clock; a clock that goes back
    or forward loses and repeats no deadline.
reliability T5 | OURS | this project | Races are run by processes that start together.
reliability C1 | OURS | this project | Somebody opens other people's children by changing the address.
reliability C7 | OURS | this project | Somebody takes more out of the system than is theirs.
reliability C3 | OURS | this project | Somebody whose allocation ended opens the case from an old link.
reliability C6 | OURS | this project | Somebody guesses at a restricted case by counts, gaps or numbers.
reliability C8 | OURS | this project | A chair who recommended signs as acting Head of Service.
reliability C20 | OURS | this project | Somebody changes a meeting's record after it, or counts who was not there.
reliability C12 | OURS | this project | Somebody uses a delegation that has ended, or passes it on.
reliability C13 | OURS | this project | An administrator gives themselves a role, signs, and takes it away
    again.
reliability C23 | OURS | this project | Somebody who has left uses an open window, a password, a link from before.
reliability C29 | OURS | this project | Something is named so that Excel would calculate it when a list is
    taken there.
reliability C25 | OURS | this project | Somebody who is not meant to comes in with a password alone.
reliability C26 | OURS | this project | Another site makes a browser send something, frames a page, or is led to.
reliability C43 | OURS | this project | Somebody finds a machine that was left open, or steals it.
reliability C44 | OURS | this project | A worker needs a record at once that is not open to them.
reliability C27 | OURS | this project | Somebody writes HTML into a text: it is shown as text.
reliability C28 | OURS | this project | Somebody writes a template into a text: it is printed as it stands.
reliability C30 | OURS | this project | A bomb of a file is refused before it is opened.
reliability C31 | OURS | this project | A file with columns that are none of its business.
reliability C32 | OURS | this project | The same file twice, in another order, or with rows shifted.
reliability C34 | OURS | this project | Somebody smuggles a header into a message, or a second address.
reliability C2 | OURS | this project | Somebody asks for another child's document, entry or letter by its own id.
reliability C4 | OURS | this project | Somebody with a brother's case reads this child's money.
reliability C5 | OURS | this project | Somebody opens the record of themselves, a relative or a friend.
reliability C9 | OURS | this project | A Head of Service gives the second view of their own request.
reliability C10 | OURS | this project | Somebody in the case's own line of management gives the second view.
reliability C11 | OURS | this project | Somebody who did the assessment signs under a delegation.
reliability C14 | OURS | this project | One request is split into several that each need a lower signature.
reliability C15 | OURS | this project | An amount is lowered after it was heard, for a lower signature.
reliability C16 | OURS | this project | A signed request is edited by any way in.
reliability C17 | OURS | this project | Two people decide the opposite in the same second.
reliability C18 | OURS | this project | Somebody sends the same form twice, or goes back and sends it again.
reliability C19 | OURS | this project | Somebody signs a page that was opened before the amount was changed.
reliability C21 | OURS | this project | Somebody with an interest reads the papers, sits or chairs.
reliability C22 | OURS | this project | A pack is opened by who is not of the meeting, or passed on.
reliability C24 | OURS | this project | Work is handed to nobody, so that it vanishes.
reliability C33 | OURS | this project | A file is given a name or a content that means harm.
reliability C35 | OURS | this project | A letter goes to the wrong address, or shows a protected one.
reliability C36 | OURS | this project | Somebody writes about a child where it would be mailed.
reliability C37 | OURS | this project | Somebody outside answers a message, or follows its link.
reliability C38 | OURS | this project | A shared mailbox reads of a restricted child.
reliability C39 | OURS | this project | Whoever operates Prefect reads, runs again or stops what it holds.
reliability C40 | OURS | this project | Somebody on the network calls Prefect.
reliability C41 | OURS | this project | Whoever keeps the machine edits the history, or turns back the clock.
reliability C46 | OURS | this project | Somebody puts a record right by making the wrong one vanish.
reliability C48 | OURS | this project | Somebody makes the system send or do more than anybody can read.
reliability C49 | OURS | this project | Something is recorded in the last second of a day, or in the hour that comes
    twice.
reliability C50 | OURS | this project | A call from the mail service is forged or played again.
reliability D.2 | OURS | this project | Prefect's settings as they were tried.
reliability E.1 | OURS | this project | Four classes of information, from public to a child's own.
reliability E.2 | OURS | this project | What may stand in a log, a subject, a link, a file name, a flow.
reliability E.3 | OURS | this project | People's rights, and how long things live.
reliability E.3.1 | OURS | this project | Who looked at my file: an answer for each child and each worker.
reliability E.3.6 | OURS | this project | Logs live for 90 days, what Prefect knows for 14.
reliability E.4 | OURS | this project | How an entry is chained and kept from change.
reliability P4 | OURS | this project | A killed runner leaves its run looking alive.
reliability P10 | OURS | this project | Schedules in London time skip or repeat an hour when the clocks
    change.
reliability P13 | OURS | this project | Prefect's database grows unless told not to.
reliability P16 | OURS | this project | Some of Prefect's pages need no password.
reliability P18 | OURS | this project | Prefect sends telemetry unless told not to.
reliability P19 | OURS | this project | Without an address Prefect starts a server of its own.
reliability P20 | OURS | this project | Prefect keeps results as pickle unless told not to.
reliability T3 | OURS | this project | Test by killing at random.
reliability T4 | OURS | this project | Test against an independent model, with steps chosen by chance.
reliability T6 | OURS | this project | Test with a mail server that misbehaves.
reliability T8 | OURS | this project | Test with a full disk.
reliability T15 | OURS | this project | Test with every way of tampering.
reliability 0.1.1 | OURS | this project | The library's default lets two people approve the same thing.
reliability 0.1.2 | OURS | this project | An isolation level alone is not enough.
reliability 0.1.4 | OURS | this project | A killed runner's run is never ended by itself.
reliability 0.1.6 | OURS | this project | One of Prefect's two interfaces calls out from the browser.
reliability 0.1.8 | OURS | this project | A copy of the database file is not a backup.
reliability 0.1.9 | OURS | this project | Older SQLite can damage its file in one rare moment.
reliability 0.1.11 | OURS | this project | Restoring a backup would send old mail again.
""")
