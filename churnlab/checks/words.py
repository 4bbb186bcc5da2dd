"""The vocabulary: every column name of a result, with its one meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

VOCABULARY: Mapping[str, str] = {
    # roles
    "customer": "identifier of a customer; text, or whole numbers as the file has them",
    "time": "timestamp or date of an event",
    "amount": "money of an event, or the monthly rate of a contract",
    "start": "date on which a spell or contract begins; intervals are [start, end)",
    "end": "date on which a contract ends, exclusive; missing while it runs",
    "spell": "number of the spell within its customer, from 1",
    "duration": "length of a spell in whole periods, and the axis of every curve",
    "event": "True where the churn was seen, False where the spell is censored",
    "entry": "duration at which observation began (left truncation); missing = from the origin",
    # snapshots
    "observed_at": "day of a snapshot: features end where it begins, the label begins there",
    "n_events": "activities in the feature window; refunds are none",
    "n_periods": "different periods with activity in the feature window",
    "since_last": "whole periods since the last activity",
    "tenure": "whole periods since the first activity",
    # findings in a file
    "finding": "what was found in a file, by its name",
    "column": "the column of the file that it concerns",
    "example": "a value, as it stands in the file",
    # curves
    "n_entry": "spells that came under observation (delayed entry) from this row to the next",
    "n_risk": "spells under observation just before this duration",
    "n_event": "churns seen at exactly this duration",
    "n_censor": "spells censored at exactly this duration",
    "n_event_cum": "churns seen up to this duration, those at it included",
    "n_censor_cum": "spells censored up to this duration, those at it included",
    "estimate": "the estimate",
    "std_error": "standard error of the estimate itself",
    "conf_low": "lower confidence limit",
    "conf_high": "upper confidence limit",
    "naive": "share lost for the reason if those lost for others count as censored: too high",
    "total_churn": "share of customers lost for any reason",
    "saved": "the part of total churn that there would not be without the reasons taken away",
    "incidence": "share of customers lost for the reasons taken away, with the others at work",
    "estimate_low": "least value of the estimate that the data allow, whatever is assumed",
    "estimate_high": "greatest value of the estimate that the data allow, whatever is assumed",
    "quantile": "share of the customers who have left by the duration that is estimated",
    "until": "duration at which the window of a restricted mean ends",
    "given": "duration reached already, from which a further stay is counted",
    # triangles
    "cohort": "first day of the period in which the customers started, or a label of theirs",
    "age": "index of the period counted from the start, which is age 0; of a bracket, its first",
    "n_start": "customers of the cohort",
    "n_eligible": "customers whose whole period at this age ended by as_of",
    "n_active": "eligible customers who came back by the rule; missing where no one is eligible",
    "n_seen": "customers who came back by the rule so far, eligible or not",
    "value": "the measure summed over the eligible: customers, events or money",
    "retention": "share kept; missing where no one is eligible yet",
    "mature": "True where every customer of the cohort is eligible",
    "n_cohorts": "cohorts that are mature at this age",
    "is_active": "True where the customer was active in the cell",
    "is_eligible": "True where the customer's whole period in the cell ended by as_of",
    # rates
    "period_start": "first day of the calendar period",
    "opening": "customers present when the period opens",
    "lost": "customers of the opening cohort who left within the period",
    "new": "customers who came within the period",
    "new_lost": "customers who came and left within the same period",
    "exposure": "customer-periods at risk (one customer for one whole period is 1)",
    "rate": "the churn rate of the period by the method asked for",
    "method": "the method of a churn rate, by its denominator",
    "period": "unit of time that a rate is per",
    "to": "unit of time that a rate is wanted per",
    "hazard": "number lost per customer-period at risk; at least 0, and no share",
    "standardised": "the churn rate the period would have had with the pooled mix of ages",
    "active": "customers active in the period",
    "mean_active": "customers active on a mean day (or other finer period) of the period",
    "stickiness": "customers active on a mean day as a share of those active in the period",
    "n_customers": "customers who came before the period was over",
    "n_referrers": "customers who introduced someone in the period",
    "n_referred": "newcomers of the period whom a customer introduced",
    "introductions": "newcomers introduced per customer",
    "arm": "group of a trial to which a customer was assigned",
    "n_retained": "customers seen to stay",
    "test": "test of the p value: score, fisher or chi-squared",
    "variance": "formula of the variance: pooled, unpooled or corrected of a sample size, "
    "hypergeometric or robust of a test",
    "n_control": "customers of the control",
    "n_arm": "customers of each other arm",
    "n_total": "customers of all arms",
    "indicator": "what an indicator measures: churn, share, revenue …",
    # the Customer Churn Index
    "factor": "what customers rate: price, coverage, service …",
    "satisfaction": "mean rating of how satisfied customers are with the factor",
    "importance": "mean rating of how much the factor matters to customers",
    "importance_share": "the factor's share of what matters to a customer, 0 to 1",
    "deficit": "how far the mean satisfaction is below the top of its scale, 0 to 1",
    "improvability": "share of the deficit that the firm can remove, 0 to 1",
    "pressure": "importance share times deficit: what pushes customers out",
    "fixable": "the part of the pressure (in an index: in points) that can be mended",
    "stuck": "the part of the pressure (in an index: in points) that cannot: the danger",
    "secure": "importance share that is satisfied, and would be lost with satisfaction",
    "share": "the part of the whole: of all pressure, of the customers in a state",
    "verdict": "fix now, danger, keep, guard, minor or low, from the mean ratings",
    "owner": "who in the firm answers for the factor",
    "n_factors": "number of factors",
    "cci": "Customer Churn Index in points: 0 nothing pushes out, 100 everything does",
    "n_effective": "customers with equal weights who would tell as much: (Σ weight)² / Σ weight²",
    "criterion": "what a ranking is by: pressure, fixable or stuck",
    "rank": "place in the ranking, 1 + the number above; equal values share the best place",
    "rank_low": "best rank that the data leave to the factor, at the level asked for",
    "rank_high": "worst rank that the data leave to the factor, at the level asked for",
    "tied": "True where another factor is as near as the tolerance",
    "best": "True where the factor may be among the top places, by simultaneous sets",
    "p_top": "share of normal draws in which the factor is among the top places: a description",
    "mean_rank": "mean rank over the same draws",
    "shrunk": "estimate pulled towards the groups' common mean, the less sure the more",
    "rank_shrunk": "place in the ranking by the shrunk estimates",
    # reasons for leaving
    "reason": "why a customer left, by its id in the taxonomy",
    "family": "to what a reason or an indicator belongs: firm, customer, competitor, market …",
    "controllable": "True where the firm could have done something about the reason",
    "voluntary": "True where the customer chose to leave",
    "scheme": "a list of reasons in use",
    "code": "place of an item in its list",
    "wording": "an item of a list in words",
    # money and small calculations
    "horizon": "how far a loss is counted: the year, or the lifetime",
    "timing": "when the first of the yearly amounts is due: start (now) or end (in a year)",
    "revenue": "revenue lost, in money",
    "profit": "profit lost, in money",
    "discount": "discount rate per period",
    "retention_after": "retention rate after the rise",
    "lift": "growth of lifetime value: 0.25 is 25 % more",
    "churn": "churn rate per period",
    "told": "customers told by each one who left",
    "leaving": "share of those told who leave because of it",
    "reproduction": "customers lost because of one who left",
    "total": "customers lost in all",
    "mean_gap": "mean time between purchases",
    "multiple": "duration in mean gaps",
    "silent": "chance of a silence at least so long from a customer who has not changed",
    "state": "what a rule calls a customer: active, at_risk or lost",
    "at_least": "lower edge of a range, part of it",
    "below": "upper edge of a range, not part of it",
    "term": "what is estimated",
    "p_value": "p value of the test named in the docstring",
    # groups compared
    "group": "the group that a row is about",
    "reference": "the group it is compared with",
    "weighting": "which durations count for more in a test of curves: logrank, gehan, …",
    "statistic": "the test statistic",
    "df": "degrees of freedom: the number of comparisons that the test is made of",
    "p_adjusted": "p value corrected for the number of tests",
    "expected": "churns a group would have if all groups left at one speed",
    "ratio": "churns seen over churns expected",
    "score_variance": "variance of churns seen less churns expected, if groups do not differ",
    "hazard_ratio": "hazard of one group over that of another",
    # recurring revenue
    "opening_mrr": "recurring revenue at the turn that opens the period",
    "new_mrr": "recurring revenue of customers who pay for the first time",
    "expansion_mrr": "rise of the recurring revenue of customers who paid before",
    "contraction_mrr": "fall of the recurring revenue of customers who still pay, below 0",
    "churned_mrr": "recurring revenue of customers who no longer pay, below 0",
    "reactivation_mrr": "recurring revenue of customers who pay again",
    "closing_mrr": "recurring revenue at the turn that closes the period",
    "returned": "customers who pay again after a turn without paying",
    "closing": "customers who pay at the turn that closes the period",
    "net_retention": "recurring revenue kept of the opening, growth included",
    "gross_retention": "recurring revenue kept of the opening, growth left out",
    "logo_retention": "customers kept of the opening",
    "quick_ratio": "recurring revenue won over recurring revenue lost",
    # renewals
    "convention": "which renewal a residual lifetime begins with, and whether it is discounted",
    "curve": "the curve drawn through the survivors: linear, exponential, quadratic",
    "r_squared": "share of the variance of the ages given that the curve explains",
    "actual": "what happened",
    "error": "estimate over actual, less 1",
    "customers": "customers of the cohort who are still there at the age",
    # forecasts
    "ahead": "whole periods after the last one known",
    "existing": "the part of the estimate that those here now make, without newcomers",
    "model": "the model of a forecast, or the rule of thumb beside it",
    "back": "whole periods before the last one known at which a forecast was made",
    "covered": "True where what happened lies within the limits",
    # the casebook
    "id": "identifier of a row of the casebook",
    "article": "number of the source article, 000 to 004",
    "theme": "what a row of the casebook is about",
    "kind": "worked figure, stated statistic, rule, taxonomy …",
    "inputs": "the stated inputs, key=value;…",
    "formula": "how the figure comes from its inputs",
    "stated": "what the article says",
    "computed": "what churnlab computes from the stated inputs",
    "status": "agrees, disagrees, quoted, ours or pending",
    "note": "what to know about the row",
    "english": "the term in English",
    "chinese": "the term in Chinese",
    # the ledger
    "stage": "the function that counted",
    "unit": "what is counted: rows, customers or spells",
    "rule": "the named rule under which it was used or excluded",
    "fate": "read, used, excluded, or noted (used, and worth knowing)",
    "n": "how many",
    "meaning": "the rule in words",
    # the catalogue of data sets
    "name": "name of the data set",
    "rows": "number of rows",
    "origin": "real, sample (made up by its publisher) or generated (made here)",
    "source": "where the data come from",
    "licence": "under which licence they are shared",
    "story": "what they are and what to beware of",
    "sha256": "fingerprint of the shipped file",
}


def vocabulary() -> pd.DataFrame:
    """Every column name churnlab puts in a result, with its one meaning.

    Returns
    -------
    DataFrame with ``name`` and ``meaning``.

    Examples
    --------
    >>> import churnlab as cl
    >>> words = cl.vocabulary().set_index("name")["meaning"]
    >>> words["n_censor"]
    'spells censored at exactly this duration'
    """
    import pandas as pd

    return pd.DataFrame(list(VOCABULARY.items()), columns=["name", "meaning"])
