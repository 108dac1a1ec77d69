"""The means test: what a family can afford, and what allowance follows (rules 7.3, 7.4)."""

from states.rules.reading import read

MEANS_TEST = read("""
R-MT-1 | NSG·v | the standardised means test model; a worked example of Lincolnshire | The steps: 80% of the income,
    less outgoings and living costs, is what is left; half of that is the contribution; the allowance less the
    contribution is the award.
R-MT-2 | NSG·v | the form of the standardised model; what is left out is a default | Which income counts. A criminal
    injuries award, a Child Trust Fund and, unless the policy says otherwise, a child's disability benefits do not.
R-MT-3 | NSG·v | the form of the standardised model | Which outgoings count, without what is spent on the child.
R-MT-4 | CASE·v | R (Becker) v Plymouth, on the model's own text | No means test where the only income is Income
    Support or a benefit like it. Whether receiving one is enough is the policy's choice.
R-MT-5 | UNC | the Ombudsman's decisions of 2024 and 2025 conflict | Whether Child Benefit is taken off the
    allowance: a dated choice of the policy, kept with each award, and the carer may show what it means for them.
R-MT-6 | CASE·v | R (Becker) v Plymouth | The living costs of the household's own children count.
R-MT-7 | DEF | the source does not say | Several children share one contribution equally; what one cannot use is not
    put on another.
R-MT-8 | DEF | the Ombudsman found fault with unexplained calculations | Nothing is rounded but the award, a half
    penny upwards; 52 weeks are 12 months; every step is kept and shown.
R-MT-9 | DEF | the source does not say | Less than a pound a week is not paid, and the reason is recorded.
R-MT-10 | CASE·v | a decision of the Ombudsman on a "dummy run" | An illustration is labelled as one, and kept.
R-MT-11 | LP | schemes of Devon and Milton Keynes | A former foster carer is not means-tested for two years if the
    council's scheme says so.
R-MT-12 | CASE·v | a decision of the Ombudsman on six years without an increase; the birthday is a default | The
    allowance goes up when the fostering allowance does, and with the child's age band from the birthday on.
R-MON-9 | SG·v | special guardianship statutory guidance, paragraph 65 | The allowance is measured by the fostering
    allowance that would have been paid, without the fee.
rules 1.3 | SEED, REG·k | SEED 003, Appendices C and D; Special Guardianship Regulations 2005 | The papers of the
    pathway: assessments, agreement, decision record, notices.
rules 7.3 | NSG·v | the standardised means test model | The means test.
rules 7.4 | SG·v | the national minimum fostering allowance | The rates by year, region and age; benefits' rates.
""")
