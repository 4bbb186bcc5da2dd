# %% [markdown]
# # Other tools: what you called there, and here
#
# **The question.** You know lifelines, R's survival package, lifetimes, PyMC-Marketing, Amplitude, Mixpanel or PostHog. What is the same thing called here, do the numbers agree, and where they do not, why?
#
# **The decision.** Which figures may be carried over from one tool to the other, which columns to hand over, and for which questions to stay where you are.
#
# **You will learn**
#
# * the words of seven other tools and their twins in churnlab;
# * to see lifelines and churnlab agree to the tenth decimal place, and to recognise the slips that only one of them catches;
# * to pass in a frame or an export with its own column names, and to hand a result back;
# * why one log gives one product-analytics tool 24 % and another 94 %;
# * what churnlab does not do.
#
# lifelines runs in this notebook. R does not; its numbers stand in the prose and are met by a cell. The other tools are quoted from their documentation (see the references).

# %%
from dataclasses import replace

import lifelines
import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter, NelsonAalenFitter
from lifelines.datasets import load_waltons
from lifelines.statistics import logrank_test, multivariate_logrank_test

import churnlab as cl
from churnlab.cohorts import Rule

lifelines.__version__

# %% [markdown]
# ## The words
#
# One habit differs from all the others: churnlab takes **one table and the names of its columns**, not several arrays side by side. Every role has a default name (`duration`, `event`, `customer`, `time` …) and an argument of the same name for yours.
#
# **lifelines**
#
# | there | here |
# |---|---|
# | arrays `durations` and `event_observed`, often `T` and `E` | columns `duration` and `event`, or `duration="T", event="E"` |
# | `KaplanMeierFitter().fit(T, E)` | `survival.kaplan_meier` |
# | `.survival_function_`, `.confidence_interval_` | its columns `estimate`, `conf_low`, `conf_high` |
# | `.event_table` | `survival.life_table` |
# | `.median_survival_time_` | `survival.quantiles` |
# | `NelsonAalenFitter` | `survival.nelson_aalen` |
# | `AalenJohansenFitter` | `survival.incidence` |
# | `logrank_test`, `multivariate_logrank_test` | `compare.logrank` |
# | `pairwise_logrank_test` | `compare.pairwise` |
# | `restricted_mean_survival_time` | `survival.restricted_mean` |
# | `weights=` | `weight=`, or `count=` for so many equal rows |
# | `entry=` | `entry=` |
# | `add_covariate_to_timeline` | `spells.add_covariates` |
# | `CoxPHFitter`, `WeibullFitter` | not yet built |
#
# **R, package survival**
#
# | there | here |
# |---|---|
# | `Surv(time, status)`, status 0/1 or TRUE/FALSE | columns `duration`, `event` |
# | the same with status 1/2 | `event_value=2` |
# | `Surv(start, stop, status)` | `entry`, `duration`, `event`; at risk from just after `entry` to `duration` |
# | `survfit(Surv(…) ~ plan)` | `survival.kaplan_meier` with `by="plan"` |
# | `conf.type`, "log" unless told otherwise | `conf=`, "log-log" unless told otherwise |
# | `quantile(fit)`, `summary(fit, times = 12)` | `survival.quantiles`, `survival.at` |
# | `print(fit, rmean = 35)` | `survival.restricted_mean` with `until=35` |
# | `survdiff(Surv(…) ~ plan + strata(region))` | `compare.logrank` with `by="plan", strata="region"` |
# | `survdiff(…, rho = 1)` | `weighting="fleming-harrington", rho=1` |
# | `survfit` with a factor as status; cmprsk's `cuminc` | `survival.incidence`, `compare.gray` |
# | `tmerge` | `spells.add_covariates` |
# | `coxph`, `survreg` | not yet built |
#
# **lifetimes and PyMC-Marketing**
#
# | there | here |
# |---|---|
# | `customer_id` | `customer="customer_id"` |
# | `frequency`, `recency`, `T`, `monetary_value` | no room reads them: purchase models are not yet built. A cell below makes them from a log |
# | recency as RFM has it, time since the last purchase | `since_last` of `spells.to_snapshot` |
# | `BetaGeoFitter`, `BetaGeoModel`, `GammaGammaModel` | not yet built |
# | sBG, the shifted beta-geometric model of contracts | `renewals.fit` |
#
# **Amplitude, Mixpanel, PostHog**
#
# | there | here |
# |---|---|
# | Amplitude: Return On or After, once called unbounded | `rule="amplitude"` |
# | Amplitude: Return On, also called N-day | `replace(Rule.of("amplitude"), returned="on")` |
# | brackets | `brackets=(0, 1, 8, 31)`: the edges, here age 0, 1–7 and 8–30 |
# | Mixpanel: On or After, its default | `rule="mixpanel"` |
# | PostHog: on, its default, and recurring | `rule="posthog"` |
# | PostHog: first time | `replace(Rule.of("posthog"), starts="first")` |
# | PostHog: relative to the previous period | `reference="previous"` |
# | rolling 24 hours, or calendar days | `clock="elapsed"`, or `clock="calendar"` |
# | first event and returning event | `start_kind`, `return_kind` |
# | the row of averages | `cohorts.pooled`, `mean="weighted"` or `"simple"` |
# | the people behind a cell | `cohorts.customers` |

# %% [markdown]
# ## lifelines and churnlab side by side
#
# The children with leukaemia of [notebook 11](11_survival_curves.ipynb), 6-MP against placebo. lifelines fits one group after the other:

# %%
patients = cl.datasets.load("leukaemia")
groups = dict(list(patients.groupby("treatment")))
theirs = {n: KaplanMeierFitter().fit(g["duration"], g["event"]) for n, g in groups.items()}

# %% [markdown]
# churnlab takes the table as it is. Estimates and limits, group by group:

# %%
ours = cl.survival.kaplan_meier(patients, by="treatment")
columns = ["estimate", "conf_low", "conf_high"]
gaps = {}
for name, fit in theirs.items():
    mine = ours[ours["treatment"] == name].set_index("duration")[columns]
    other = fit.survival_function_.join(fit.confidence_interval_).set_axis(columns, axis=1)
    gaps[name] = (mine - other.loc[mine.index]).abs().max()
assert pd.DataFrame(gaps).max().max() < 1e-10
pd.DataFrame(gaps).lt(1e-10)

# %% [markdown]
# All within 10⁻¹⁰. One thing the comparison leaves out, for a missing number has no distance: at duration 0, before anybody was lost, lifelines prints limits of 1 and 1, and churnlab none. Nothing has been seen from which a limit could be worked out.

# %%
start = theirs["6-MP"].confidence_interval_.iloc[0].tolist()
assert ours[columns].iloc[0].isna().tolist() == [False, True, True]
start, ours[columns].iloc[0].tolist()

# %% [markdown]
# In a picture: churnlab's curves and limits, and a dot for every estimate of lifelines.

# %%
ax = cl.plot.survival(ours, risk_table=False, xlabel="weeks", ylabel="still in remission")
for fit in theirs.values():
    ax.plot(fit.survival_function_, "k.", markersize=5)

# %% [markdown]
# How to read it: every dot sits at the foot of a drop, or on a flat stretch where a child was last seen. In both tools the value *at* a duration is the one after the drop.
#
# The log-rank test is one call in each. lifelines wants four arrays for two groups:

# %%
drug, placebo = groups["6-MP"], groups["placebo"]
arms = drug["duration"], placebo["duration"]
there = logrank_test(*arms, drug["event"], placebo["event"])
here = cl.compare.logrank(patients, by="treatment").iloc[0]
assert abs(there.test_statistic - here["statistic"]) < 1e-10
float(there.test_statistic), float(here["statistic"])

# %% [markdown]
# More than two groups agree too, here four of sex and treatment together:

# %%
four = patients.assign(arm=patients["sex"] + ", " + patients["treatment"])
there = multivariate_logrank_test(four["duration"], four["arm"], four["event"])
here = cl.compare.logrank(four, by="arm")
assert abs(there.test_statistic - here["statistic"][0]) < 1e-10
here.drop(columns="variance").round(6)

# %% [markdown]
# ### Slips that only one of them catches
#
# With arrays side by side it is easy to pass a duration where an event belongs. It has happened to users who then compared with R (lifelines issue 1641). lifelines takes every number other than 0 for "yes":

# %%
slip = logrank_test(*arms, drug["duration"], placebo["event"])
right = logrank_test(*arms, drug["event"], placebo["event"])
[round(float(test.p_value), 5) for test in (slip, right)]


# %% [markdown]
# The first number is the slip: p is 0.00275 where 0.00004 would be right, and nothing is said. In churnlab a column is named, and its values are looked at:


# %%
def refused(call, *args, **named):
    """What churnlab says instead of a wrong number."""
    try:
        call(*args, **named)
    except cl.InputError as error:
        print(error)


refused(cl.compare.logrank, patients, by="treatment", event="duration")

# %% [markdown]
# The second slip comes with data from R. `Surv` reads a status of 1 and 2 as censored and dead, and the lung cancer data are coded so. To lifelines both are "yes":

# %%
coded = cl.datasets.load("lung").eval("status = event + 1")
wrong = KaplanMeierFitter().fit(coded["duration"], coded["status"])
float(wrong.median_survival_time_)

# %% [markdown]
# A median of 252 days, as if all 228 patients had been seen to die. churnlab asks, and answers 310 once it is told:

# %%
refused(cl.survival.quantiles, coded, event="status")

# %%
told = {"event": "status", "event_value": 2}
median = cl.survival.quantiles(coded, q=0.5, **told)
right = KaplanMeierFitter().fit(coded["duration"], coded["event"])
assert median["estimate"][0] == right.median_survival_time_ == 310
median

# %% [markdown]
# ## R: the same numbers, other limits
#
# `quantile(survfit(Surv(time, status) ~ 1, data = lung), 0.5)` prints 310 with limits 285 and 363. They stand on the log scale. Above they were 284 and 361, on the log-log scale, which R gives with `conf.type = "log-log"`. Neither is wrong; say which.

# %%
as_r = cl.survival.quantiles(coded, q=0.5, conf="log", **told)
assert as_r[columns].values.tolist() == [[310, 285, 363]]
as_r

# %% [markdown]
# And `survdiff(Surv(time, status) ~ sex, data = lung)` has a chi-squared of 10.3267:

# %%
sexes = cl.compare.logrank(coded, by="sex", **told)
assert round(sexes["statistic"][0], 4) == 10.3267
sexes.round(4)

# %% [markdown]
# The way back to R is a file: `spells.frame.to_csv("spells.csv")`, and there `Surv(duration, event)`, or `Surv(entry, duration, event)` where there are late entries.
#
# ## Passing in a lifelines frame, and handing one back
#
# A frame of lifelines' own, with `T` and `E`:

# %%
waltons = load_waltons()
cl.survival.quantiles(waltons, duration="T", event="E", by="group", q=0.5)

# %% [markdown]
# Back: spells are a frame with `duration` and `event`, and two columns are all that lifelines wants. With contracts older than the records there is a third, `entry`. Here the four contracts of notebook 11:

# %%
contracts = pd.DataFrame({"customer": list("abcd")})
contracts["start"] = pd.to_datetime(["2025-10-01", "2025-11-01", "2026-01-01", "2026-02-01"])
contracts["end"] = pd.to_datetime([None, "2026-03-01", "2026-02-01", None])
dates = {"as_of": "2026-05-01", "observed_from": "2026-01-01", "period": "month"}
spells = cl.spells.subscriptions_to_spells(contracts, **dates).frame
spells[["customer", "duration", "event", "entry"]]

# %%
entry = spells["entry"].astype(float).fillna(0)
late = KaplanMeierFitter().fit(spells["duration"], spells["event"], entry=entry)
mine = cl.survival.kaplan_meier(spells).set_index("duration")["estimate"]
assert np.allclose(mine, late.survival_function_["KM_estimate"].loc[mine.index])
mine.to_dict()

# %% [markdown]
# `mine` is what lifelines calls `survival_function_`, as a series. Results are plain pandas frames: a join, a file or a plot of your own needs no method of ours. What a frame loses on the way is the ledger; read `cl.ledger(curve)` before.
#
# ## One log, four answers
#
# An export of product analytics has one row per event. Amplitude calls its columns `user_id`, `event_time`, `event_type`; Mixpanel `distinct_id`, `time`, `event`; PostHog `person_id` or `distinct_id`, `timestamp`, `event`. We make one for 2,000 users who sign up and then buy.

# %%
visits = cl.datasets.generate_events(2_000, seed=3, window_days=60, mean_gap=4)
minutes = np.random.default_rng(1).integers(0, 1440, len(visits))
export = pd.DataFrame({"user_id": visits["customer"]})
export["event_time"] = visits["time"] + pd.to_timedelta(minutes, unit="min")
export = export.sort_values(["user_id", "event_time"], ignore_index=True)
known = export["user_id"].duplicated()
export["event_type"] = np.where(known, "purchase", "sign up")
export.head(3)

# %% [markdown]
# Three roles, and which kinds of event start and return:

# %%
ask = {"customer": "user_id", "time": "event_time", "kind": "event_type"}
ask |= {"period": "day", "as_of": "2023-03-02"}
kinds = {"start_kind": "sign up", "return_kind": "purchase"}
rows = {}
for tool in ("on", "amplitude", "mixpanel", "posthog"):
    triangle = cl.cohorts.retention(export, rule=replace(Rule.of(tool), **kinds), **ask)
    rows[tool] = cl.cohorts.pooled(triangle).set_index("age")["retention"]
answers = pd.DataFrame(rows).T[[0, 1, 7, 14]].rename_axis("rule").rename_axis("day", axis=1)
answers.round(3)

# %% tags=["figure"]
assert answers[1].round(2).tolist() == [0.24, 0.94, 0.94, 0.24]
assert answers[0].round(2).tolist() == [0.11, 0.94, 0.94, 1.00]
assert answers[14].round(3).tolist() == [0.205, 0.894, 0.892, 0.205]

# %% [markdown]
# Nothing is wrong with any of the rows; they answer different questions.
#
# * **Day 1** is 24 % for "bought on that very day" and 94 % for "bought on that day or any later one", which is what Amplitude and Mixpanel show first.
# * **Day 0** is 100 % in PostHog by definition; by the other rules it needs a purchase. On the calendar that is 11 %, and on or after day 0 it is everybody who has bought since, 94 %.
# * **Day 14** differs by two tenths of a point between Amplitude and Mixpanel: both count days of 24 hours from the sign-up, but Amplitude first rounds times down to the hour.
#
# (That day 1 is a hair above day 0 for two of the rules is no mistake. The youngest users are in day 0 already, and in day 1 not yet.)
#
# The rounding is easiest seen on the example in Amplitude's documentation: an event at 17:59, the next at 17:00 on the following day. That is 23 hours and a minute, and Amplitude's day 1.

# %%
moments = pd.to_datetime(["2021-12-01 17:59", "2021-12-02 17:00"])
user = pd.DataFrame({"customer": ["user 1"] * 2, "time": moments})
seen = {}
for tool in ("amplitude", "mixpanel", "posthog"):
    triangle = cl.cohorts.retention(user, rule=tool, period="day", as_of="2021-12-04")
    seen[tool] = triangle[triangle["cohort"] == "2021-12-01"].set_index("age")["n_seen"]
assert pd.DataFrame(seen).T[1].tolist() == [1, 0, 1]
pd.DataFrame(seen).T[[0, 1]].rename_axis("rule").rename_axis("day", axis=1)

# %% [markdown]
# PostHog's day is the calendar's, so for it the second event is on day 1 too. Decision record 17 (`docs/decisions/0017-retention-rules.md`, on the site under Decisions) lists every part of the three rules, with what their documentation leaves open.
#
# Mixpanel's export gives `time` as seconds since 1970. churnlab does not guess what a number means; say it once:

# %%
raw = pd.DataFrame({"distinct_id": ["user 1"], "time": [1602611311], "event": ["Signed up"]})
refused(cl.cohorts.retention, raw, customer="distinct_id")
pd.to_datetime(raw["time"], unit="s", utc=True).astype(str).tolist()

# %% [markdown]
# Such times have a zone. In which zone a day begins is said with the period, `cl.Period("day", tz="Asia/Shanghai")`; in the product tools it is a setting of the project.
#
# ## For lifetimes and PyMC-Marketing
#
# Their four columns from a log of purchases, in weeks, as their documentation defines them: `frequency` counts the days with a purchase after the first, `recency` is the *age* at the last purchase, `T` the age at the end, `monetary_value` the mean of the repeat purchases.

# %%
log = cl.datasets.load("cdnow_transactions")
days = log[log["time"] < "1997-10-01"].groupby(["customer", "time"], as_index=False)["amount"].sum()
life = days.groupby("customer")["time"].agg(["count", "min", "max"])
repeats = days[days["customer"].duplicated()].groupby("customer")["amount"]
table = pd.DataFrame({"frequency": life["count"] - 1})
table["recency"] = (life["max"] - life["min"]).dt.days / 7
table["T"] = (pd.Timestamp("1997-09-30") - life["min"]).dt.days / 7
table["monetary_value"] = repeats.mean().reindex(table.index).fillna(0)
assert np.allclose(table.loc["4"], [2, 30.43, 38.86, 22.35], atol=0.006)
table.rename_axis("customer_id").loc[["4"]].round(3)

# %% [markdown]
# Customer 4 of the full log is the first customer in the examples of both libraries, printed there as 2, 30.43, 38.86 and 22.35. Two traps: their end of observation, 30 September, is a day that is *read*, where `as_of="1997-10-01"` is the first instant that is not. And their `recency` is large for a customer who bought *recently*; RFM's, our `since_last`, is small.
#
# ## What is different, and why
#
# | | elsewhere | here | why |
# |---|---|---|---|
# | a period that is not over | the share so far, with a mark | counts in `n_seen`, no rate | an unfinished month always looks like a fall |
# | end of the data | often the last day, included | `as_of`, excluded | no day is half read |
# | limits of a curve | R: log; lifelines: log-log | log-log | they stay between 0 and 1 |
# | limits before the first loss | lifelines: 1 and 1 | missing | nothing was seen yet |
# | durations that differ by rounding | R: one; lifelines: two | one (`timefix`) | 0.1 + 0.2 is 0.3 |
# | ties in the cumulative hazard | lifelines: spread out by default | as they stand, as R | the file says one day |
# | ties between reasons | lifelines: broken at random | exact | the same file, the same answer |
# | error of a restricted mean | lifelines: spread of the lifetimes | error of the mean | limits are about the mean |
# | ids | numbers, often | text or whole numbers | "007" is not 7 |
# | what was left out | seldom said | `cl.ledger` | it must add up |
#
# The rows that can be run, one by one. **A month that is not over:** the CDNOW log up to 10 June 1998.

# %%
triangle = cl.cohorts.retention(log, as_of="1998-06-11")
edge = triangle[triangle["cohort"] == "1997-01-01"].tail(2)
edge[["age", "n_start", "n_eligible", "n_seen", "retention"]].round(3)

# %% [markdown]
# A share "so far" would be 233 of 7,846:

# %%
assert edge["n_seen"].tolist() == [497, 233]
so_far = edge["n_seen"].iloc[-1] / edge["n_start"].iloc[-1]
round(float(so_far), 3)

# %% [markdown]
# After 6.3 % in May that reads 3.0 %, as if June had halved. Twenty days were still to come, and the whole month was no worse than the one before:

# %%
whole = cl.cohorts.retention(log, as_of="1998-07-01")
whole = whole[whole["cohort"] == "1997-01-01"].tail(2)
whole[["age", "n_start", "n_eligible", "n_seen", "retention"]].round(3)

# %% [markdown]
#
# **Durations that differ by rounding:** two customers lost after 0.3 years, one of them written `0.1 + 0.2`.

# %%
near = pd.DataFrame({"duration": [0.1 + 0.2, 0.3, 1.0], "event": [1, 1, 0]})
two = KaplanMeierFitter().fit(near["duration"], near["event"]).survival_function_
[c.round(3).tolist() for c in (two["KM_estimate"], cl.survival.kaplan_meier(near)["estimate"])]

# %% [markdown]
# lifelines comes down in two steps, to 0.667 and 0.333; churnlab in one, to 0.333, and so does R's `survfit`.
#
# **Ties in the cumulative hazard:** in week 1 two of 21 children relapse under the placebo. As they stand that is 2/21; spread out it is 1/21 + 1/20.

# %%
fits = {way: NelsonAalenFitter(nelson_aalen_smoothing=way) for way in (True, False)}
fitted = {w: f.fit(placebo["duration"], placebo["event"]) for w, f in fits.items()}
week = {w: f.cumulative_hazard_.iloc[1, 0] for w, f in fitted.items()}
hazard = cl.survival.nelson_aalen(placebo)["estimate"].iloc[1]
assert np.allclose([week[True], week[False], hazard], [1 / 21 + 1 / 20, 2 / 21, 2 / 21])
[round(float(value), 4) for value in (week[True], week[False], hazard)]

# %% [markdown]
# **Ids:** a column with gaps, read carelessly, turns 7 into 7.0. It is refused, and "007" stays another customer than "7" (`spells.profile` points at such pairs):

# %%
gappy = pd.DataFrame({"customer": [7.0, 8.0], "time": pd.to_datetime(["2026-01-01"] * 2)})
refused(cl.cohorts.retention, gappy)

# %% [markdown]
# ## What churnlab does not do
#
# Stay with the other tool, or go there, for these:
#
# | question | tool |
# |---|---|
# | what raises or lowers the hazard (Cox, time-varying Cox) | R's `coxph`; lifelines' `CoxPHFitter`, `CoxTimeVaryingFitter` |
# | Weibull and other parametric curves | lifelines' `WeibullFitter`, `WeibullAFTFitter`; R's `survreg` |
# | losses known only to lie between two dates | lifelines' `fit_interval_censoring`; R's `Surv(type = "interval")` |
# | forests and boosting for survival | scikit-survival |
# | purchases to come, chance of being alive (BG/NBD, Pareto/NBD, gamma-gamma) | PyMC-Marketing, the successor of lifetimes, whose development has ended |
# | full posteriors by MCMC | PyMC-Marketing |
# | dashboards, live funnels, collecting events | Amplitude, Mixpanel, PostHog |
#
# Hazard models, parametric curves and purchase models are **not yet built**. MCMC, dashboards and the collecting of events are outside what churnlab is for: it reads a table and answers with a table.
#
# Until then `spells.add_covariates` makes the rows that a Cox model with values changing over time wants, and `spells.to_snapshot` makes features and label for any classifier.
#
# ## What you have learnt
#
# * The words differ, the estimates do not: curve and test agree with lifelines to 10⁻¹⁰, and medians and tests with R.
# * Name columns; let the library look at them. A slip then costs a message and not a conclusion.
# * "Retention" is a family of questions. Before two tools are compared: on or on or after, which clock, who starts, what is day 0.
# * Limits need their scale, and ends of data need "included" or "excluded".
#
# | term | 中文 | |
# |---|---|---|
# | on | 当期留存 | active in that very period |
# | on or after | 当期及以后留存 | active in that period or any later one |
# | rolling clock | 滚动口径 | ages by the time since each customer's own start |
# | calendar clock | 日历口径 | ages by the dates |
# | censored | 删失 | the loss was not seen while we looked |
# | as_of | 数据截止时点 | instant up to which the records are complete; nothing at or after it is read |
#
# ## References
#
# * lifelines: [quickstart](https://lifelines.readthedocs.io/en/latest/Quickstart.html); issues [1641](https://github.com/CamDavidsonPilon/lifelines/issues/1641) (durations passed as events), [1521](https://github.com/CamDavidsonPilon/lifelines/issues/1521) (ties between reasons), [1682](https://github.com/CamDavidsonPilon/lifelines/issues/1682) (error of a restricted mean).
# * R: [Surv](https://rdrr.io/cran/survival/man/Surv.html) and [survdiff](https://www.rdocumentation.org/packages/survival/versions/2.35-4/topics/survdiff) of the package survival; numbers of version 3.5-3.
# * lifetimes: [quickstart](https://github.com/CamDavidsonPilon/lifetimes/blob/master/docs/Quickstart.md); its successor is named in [issue 441](https://github.com/CamDavidsonPilon/lifetimes/issues/441). PyMC-Marketing: [CLV quickstart](https://www.pymc-marketing.io/en/stable/notebooks/clv/clv_quickstart.html).
# * Amplitude: [how time works in retention analysis](https://amplitude.com/docs/analytics/charts/retention-analysis/retention-analysis-time). Mixpanel: [retention](https://docs.mixpanel.com/docs/reports/retention), [raw event export](https://docs.mixpanel.com/reference/raw-event-export). PostHog: [retention](https://posthog.com/docs/product-analytics/retention), [events](https://posthog.com/docs/data/events).
