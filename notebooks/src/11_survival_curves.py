# %% [markdown]
# # How long do customers stay? Survival curves
#
# **The question.** How long does a customer stay with us? Some have left, and we know after how long. Most are still here: they have stayed *at least* so long, and the rest lies in the future. And customers without a contract never tell us that they left.
#
# **The decision.** When to act: if half of all losses fall into the first weeks, the welcome matters more than the anniversary. How much a new customer may cost. And which of two offers to keep.
#
# **You will learn**
#
# * what censoring is, and to work out a Kaplan–Meier curve by hand and with one call;
# * to read a median, quartiles and a mean stay from it, each with its limits;
# * to test whether groups differ, by hand and with one call, and when not to believe the test;
# * what customers who are already here will do next;
# * three ways in which the records themselves mislead: contracts older than the records, groups of different make-up, and "inactive means lost".

# %%
from math import exp

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import churnlab as cl

# %% [markdown]
# ## Meet the data: six customers
#
# Sixteen purchases without any contract. The records are complete up to, but not including, 5 May 2026: that is `as_of`.

# %%
six = cl.datasets.load("six_customers")
as_of = pd.Timestamp("2026-05-05")
days = six["time"].dt.strftime("%d %b")
days.groupby(six["customer"]).agg(", ".join).to_frame("purchases")

# %% [markdown]
# When has such a customer left? We agree that **a silence of 30 days or more ends a spell** as a customer, and that the spell ended with the last purchase before the silence.
#
# One thing follows at once. Nobody can be known to have left after 5 April: after it, fewer than 30 days of possible silence remain up to `as_of`. The 5 April is the **cut**, `as_of` minus 30 days. Up to the cut every customer can be judged, after it nobody can.

# %%
cut = as_of - pd.Timedelta(days=30)
with cl.plot.style():
    fig, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
    ax.plot(six["time"], six["customer"], "o")
    for moment, name in [(cut, "cut"), (as_of, "as_of")]:
        ax.axvline(moment, color="grey", linestyle=":")
        ax.annotate(name, (moment, 1.02), xycoords=("data", "axes fraction"), ha="center")
    ax.xaxis.set_major_formatter(plt.matplotlib.dates.DateFormatter("%d %b"))
    ax.set_ylim(5.5, -0.5)

# %% [markdown]
# ## By hand
#
# Go through the six, up to the cut.
#
# * **C1** came on 25 March and was still buying after the cut: a customer for 11 days at least. Such a customer is **running**: not seen to leave while we look. The duration is then **censored**, here at 11: we know that it is longer, and not by how much.
# * **C2** came on 10 February and also bought after the cut: censored at 54.
# * **C3** bought on 14 and 28 February, then was silent for 34 days: lost after 14 days.
# * **C4** bought once, on 5 March, and never again: lost after 0 days.
# * **C5** came on 20 April, after the cut: too new to be judged, excluded.
# * **C6** bought on 27 February and 4 March, then was silent for exactly 30 days: lost after 5. That C6 came back is a second spell, and another story.

# %%
hand = pd.DataFrame({"customer": ["C4", "C6", "C1", "C3", "C2"], "duration": [0, 5, 11, 14, 54]})
hand["event"] = [True, True, False, True, False]
hand["at_risk"] = [5, 4, 3, 2, 1]
hand["stay"] = 1 - hand["event"] / hand["at_risk"]
hand["S"] = hand["stay"].cumprod()
hand.round(3)

# %% [markdown]
# `event` is true where the departure was seen. Whenever one is seen, we ask: of those who were **at risk** just before, which share stayed? At 0 days it is 4 of 5, at 5 days 3 of 4. At 11 days C1 leaves our sight without having left the shop: no loss, but one fewer at risk. At 14 days 1 of 2 stays. Multiplied, the shares give the survival curve,
#
# $$S(t) = \prod_{u \le t}\left(1 - \frac{d_u}{n_u}\right),$$
#
# with $d_u$ the departures at duration $u$ and $n_u$ the number at risk. This is the **Kaplan–Meier** estimate. After 14 days: $0.8 \times 0.75 \times 0.5 = 0.3$.
#
# ## The wrong ways first
#
# Two shortcuts look harmless. *Drop the running customers*, since we do not know how long they will stay; or *call them survived*, whenever they were last seen. Which share is then still here after 14 days?

# %%
dropped = hand[hand["event"]]
survived = ~hand["event"] | (hand["duration"] > 14)
float((dropped["duration"] > 14).mean()), float(survived.mean())

# %% [markdown]
# The first finds nobody still here, because only those who left were kept. The second finds 40 %: it credits C1 with reaching day 14, though we followed C1 for only 11. One is too dark, the other too bright, and counting C1 as *lost* on day 11 is too dark again. Kaplan–Meier uses of everyone what is known, up to the moment to which it is known.
#
# ## One call, equal to the hand result
#
# `to_spells` turns purchases into spells by exactly these rules, and `kaplan_meier` makes the curve.

# %%
spells = cl.spells.to_spells(six, inactivity=30, as_of=as_of)
curve = cl.survival.kaplan_meier(spells)
assert np.allclose(curve["estimate"], hand["S"])
curve.drop(columns="std_error").round(3)

# %% [markdown]
# Each row says: so many were at risk just before this duration, so many were seen to leave, so many were censored here, and this share is still there afterwards. With five customers the 95 % limits span nearly everything, as they should.
#
# Nothing was repaired or lost in silence. The ledger shows C5, too new for the cut, and the second spells of C3 and C6 (`spells="all"` would keep them, with errors worked out by customer).

# %%
cl.ledger(curve).query("fate == 'excluded'")[["stage", "unit", "rule", "n"]]

# %% [markdown]
# The share lost among those at risk is the **hazard**. Nelson and Aalen simply add it up: $H(t) = \sum d_u / n_u$.

# %%
hazard = cl.survival.nelson_aalen(spells)
assert np.allclose(hazard["estimate"], np.cumsum([1 / 5, 1 / 4, 0, 1 / 2, 0]))
hazard["estimate"].round(3).tolist()

# %% [markdown]
# The height of this **cumulative hazard** is no probability and may pass 1. Read its **slope**: where it is straight, customers leave at a steady pace; where it flattens, those who are still here leave more rarely.
#
# ## A published curve, to four decimals
#
# A classic of survival analysis: children with leukaemia, weeks in remission under the drug 6-MP or a placebo (Freireich and others 1963, analysed by Gehan 1965). A child still in remission when last seen is a running customer, in our words.

# %%
patients = cl.datasets.load("leukaemia")
patients.groupby("treatment").agg(
    n=("event", "size"), relapses=("event", "sum"), longest=("duration", "max")
)

# %% tags=["figure"]
curves = cl.survival.kaplan_meier(patients, by="treatment")
drug = curves.query("treatment == '6-MP' and n_event > 0").set_index("duration")
published = {6: (0.8571, 0.0764), 7: (0.8067, 0.0869), 10: (0.7529, 0.0963), 13: (0.6902, 0.1068),
             16: (0.6275, 0.1141), 22: (0.5378, 0.1282), 23: (0.4482, 0.1346)}  # fmt: skip
reproduced = drug[["estimate", "std_error"]].round(4)
assert reproduced.values.tolist() == [list(pair) for pair in published.values()]
reproduced.T

# %% [markdown]
# Every published estimate and every standard error (Greenwood's formula) is met to the last printed digit.
#
# ## Half of them, a quarter of them
#
# The **median** is the first time at which half or fewer are still here; the quartiles are the same for a quarter and three quarters lost.

# %% tags=["figure"]
quartiles = cl.survival.quantiles(patients, by="treatment")
assert quartiles.query("quantile == 0.5")["estimate"].tolist() == [23, 8]
quartiles

# %% [markdown]
# Half had relapsed by week 23 under the drug, by week 8 under the placebo. Three cells of the first group are missing on purpose. Its curve never comes down to a quarter, so the third quartile is *not known*: it is not week 35, when the last child was seen. And its upper limits are missing because the curve's own upper limit never comes down so far.
#
# The limits stand on the **log-log** scale, which keeps those of the curve between 0 and 1. R's `survfit` takes the log scale unless told otherwise (`conf="log"`), and others come out. So name the scale when you report.
#
# ## How long on average?
#
# The tempting answers are the mean of those who relapsed, and the plain mean of all durations.

# %%
plain = patients.groupby("treatment")["duration"].mean()
relapsed = patients[patients["event"] == 1].groupby("treatment")["duration"].mean()
pd.DataFrame({"relapsed only": relapsed, "all durations": plain}).round(1)

# %% [markdown]
# Under 6-MP both are nonsense: the first leaves out the twelve who had not relapsed, and the second treats them as if they had, on the day they were last seen. Only under the placebo, where everyone relapsed, can nothing go wrong.
#
# The mean is the area under the survival curve. While somebody is still there the curve has no end, and neither has the area. So a horizon must be named, fixed beforehand: the **restricted mean**, weeks in remission within the first 35.

# %%
mean = cl.survival.restricted_mean(patients, by="treatment", until=35)
assert np.isclose(mean["estimate"].iloc[1], plain["placebo"])
mean.round(2)

# %% [markdown]
# Of 35 weeks, 23.3 in remission under the drug and 8.7 under the placebo. `std_error` is the error of this *mean*, which shrinks as customers are added. Some tools print the variance of the lifetimes in its place, which does not. A horizon beyond what was observed, such as `until=52`, is refused.
#
# ## Are two groups different?
#
# The **log-rank test** asks at each relapse: if the treatment made no difference, how many of these relapses would each group have? Its share of those at risk: $n_g / n \times d$.

# %%
group = patients["treatment"]
lost = group[patients["event"] == 1].groupby(patients["duration"]).value_counts().unstack()
lost = lost.fillna(0).astype(int)
still = {week: group[patients["duration"] >= week].value_counts() for week in lost.index}
at_risk = pd.DataFrame(still).T[lost.columns]
expected = at_risk.mul(lost.sum(axis=1) / at_risk.sum(axis=1), axis=0)
sides = {"at risk": at_risk, "lost": lost, "expected": expected}
pd.concat(sides, axis=1).head(2).round(2)

# %% [markdown]
# In week 1 two relapse while 21 and 21 are at risk: one is expected in each group, and both were under the placebo. In week 2 two more, while 21 and 19 are at risk: expected 1.05 and 0.95. Add up all weeks and compare with what was seen.

# %%
seen = cl.compare.observed_expected(patients, by="treatment")
assert np.allclose(seen["expected"], expected.sum())
test = cl.compare.logrank(patients, by="treatment")
assert np.isclose(test["statistic"][0], (9 - 19.2505) ** 2 / seen["score_variance"][0], atol=1e-3)
seen.round(3)

# %% [markdown]
# Nine relapses under 6-MP where 19.25 were expected, 21 under the placebo against 10.75. The squared difference over its variance is the statistic. Other **weightings** let early or late durations count for more:

# %%
ask = {"by": "treatment", "weighting": "fleming-harrington", "rho": 1}
names = ["logrank", "gehan", "tarone-ware"]
ways = [cl.compare.logrank(patients, by="treatment", weighting=name) for name in names]
ways = pd.concat([*ways, cl.compare.logrank(patients, **ask)], ignore_index=True)
ways[["weighting", "statistic", "df", "p_value"]].round(6)

# %% [markdown]
# The log-rank test counts each duration alike: 16.793, with p = 0.00004. Gehan's and Tarone and Ware's count the early ones for more, as does the last, which R calls `rho=1`. Of several weightings one always looks best; choose yours before looking. Where curves cross a test may see nothing. And p says *whether* groups differ, never by how much. (Groups with an order have a test of their own, `trend`; `sample_size` tells beforehand how many losses a trial must wait for.)
#
# A slip that would ruin all of this is to name the durations where the events belong. It is not computed:

# %%
try:
    cl.compare.logrank(patients, by="treatment", event="duration")
except cl.InputError as error:
    print(error)

# %% [markdown]
# Now the figure has everything: curves, medians, the test, and those at risk.

# %%
ax = cl.plot.survival(
    curves, median=True, test=test, risk_table="events", xlabel="weeks", ylabel="still in remission"
)

# %% [markdown]
# How to read it: each step down is a relapse, each tick a child last seen in remission, each band a 95 % interval, and the dashed lines lead to the medians. The table (`cl.survival.at_risk` makes it for times of your choice) is as important as the curve. At week 20 eight children are still at risk under 6-MP, and a curve that stands on eight should not be argued about.
#
# ## The whole curve at once
#
# The shaded limits hold at *one* duration, picked beforehand. Read along the whole curve they may miss it somewhere more often than once in twenty. `bands` gives limits that hold everywhere at once.

# %%
mp = patients[patients["treatment"] == "6-MP"]
band = cl.survival.bands(mp)
with cl.plot.style():
    ax = plt.subplots(figsize=(7, 3.2), layout="constrained")[1]
names = {"xlabel": "weeks", "ylabel": "still in remission"}
cl.plot.survival(cl.survival.kaplan_meier(mp), risk_table=False, ax=ax, **names)
ends = band[["conf_low", "conf_high"]]
dashed = ax.step(band["duration"], ends, "--", where="post", color="black")
ax.legend(dashed[:1], ["band: holds everywhere at once"])
band[["duration", "conf_low", "conf_high"]].iloc[[0, -1]].round(3)

# %% [markdown]
# The dashed **band** is wider, and begins and ends with the first and the last relapse. Say "after 10 weeks" with the shading, "at no time from week 6 to 23 below" with the band.
#
# ## A million contracts
#
# Now a firm with three plans. We make its contracts, so that the truth is known: every customer has a monthly chance of leaving of their own, which never changes, and "family" is as sticky as "plus". (`Plan(amount, alpha, beta)`: alpha and beta shape the spread of these chances, as in [notebook 03](03_projecting_retention.ipynb). With the clock `"elapsed"` durations are whole months of 30 days since a contract's own start.) `spell_counts` goes through the million once. The curves, the pairs and the residual lifetimes read its small table of counts; late entries and make-up, further down, need contracts and spells again.

# %%
plans = cl.datasets.PLANS | {"family": cl.datasets.Plan(29.99, 0.8, 15.2)}
contracts = cl.datasets.generate_subscriptions(1_000_000, seed=1, plans=plans)
ask = {"as_of": "2024-12-31", "period": cl.Period("month", clock="elapsed")}
spells = cl.spells.subscriptions_to_spells(contracts, keep="plan", **ask)
counts = cl.survival.spell_counts(spells, by="plan")
len(spells.frame), len(counts.frame)

# %%
month = np.arange(12)
truth = {name: np.prod(1 - p.alpha / (p.alpha + p.beta + month)) for name, p in plans.items()}
year = cl.survival.kaplan_meier(counts, by="plan").query("duration == 12").set_index("plan")
year = year.assign(truth=truth)
assert ((year["estimate"] - year["truth"]).abs() < 2 * year["std_error"]).all()
year[["n_risk", "n_event", "estimate", "std_error", "truth"]].round(4)

# %% [markdown]
# After a year every curve lies within two standard errors of the truth. Several groups are compared in **pairs**, and three pairs are three chances of a false alarm; `p_adjusted` allows for that by Holm's method.

# %%
cl.compare.pairwise(counts, by="plan").round(4)

# %% [markdown]
# Basic differs from both others beyond any doubt. Between plus and family no difference is found, and in truth there is none. With a million rows even a trifle is "significant": ask next how large it is (`cl.compare.milestone`, `cl.compare.restricted_mean`).
#
# ## Customers who are already here
#
# The curve from 0 is that of newcomers. What of those who have been here for six months, or twelve? Their **residual lifetime**, over the next twelve:

# %%
here = cl.survival.residual(counts, given=[0, 6, 12], ahead=12)
here[here["term"] != "median"][["given", "term", "n_risk", "estimate", "std_error"]].round(3)

# %% [markdown]
# Of newcomers 58.7 % stay the next twelve months, of those here for a year 73.2 %; of these twelve months they stay 9.2 and 10.3 on average. The longer here, the longer still to come, though no customer ever changed: those who leave easily have left first (**sorting**; [notebook 03](03_projecting_retention.ipynb) is about it). To value an old customer by the newcomers' curve is to sell them short.
#
# ## Contracts older than the records
#
# A firm's records begin on 1 January 2026. Contracts that were over by then are not in them.

# %%
four = pd.DataFrame({"customer": list("abcd")})
four["start"] = pd.to_datetime(["2025-10-01", "2025-11-01", "2026-01-01", "2026-02-01"])
four["end"] = pd.to_datetime([None, "2026-03-01", "2026-02-01", None])
dates = {"as_of": "2026-05-01", "observed_from": "2026-01-01"}
late = cl.spells.subscriptions_to_spells(four, period="month", **dates)
late.frame[["customer", "duration", "event", "entry"]]

# %% [markdown]
# Customer a has been here for 7 months, but only the last 4 could have shown a loss: a **late entry**, at 3. Had a left in November, there would be no a. So a and b are at risk only after their entry. At 1 month c and d are: one of two leaves. At 4 months a and b are: one of two again. A quarter is still here. Without the entries all four count as at risk from 0:

# %%
careless, careful = (cl.survival.kaplan_meier(late, entry=e) for e in [None, "entry"])
[table.query("n_event > 0")["estimate"].round(3).tolist() for table in (careless, careful)]


# %% [markdown]
# Time in which no loss could have been seen flatters the early curve. Once more at size: of the first hundred thousand contracts, only those still running in 2024 were moved to the new system. Which share is still here after a year?


# %%
def at(curve, when):
    """The estimate at a duration: that of the last row at or before it."""
    return round(float(curve.loc[curve["duration"] <= when, "estimate"].iloc[-1]), 3)


records, first = pd.Timestamp("2024-01-01"), contracts.head(100_000)
moved = first[first["end"].isna() | (first["end"] > records)]
late = cl.spells.subscriptions_to_spells(moved, observed_from=records, **ask)
careless, careful = (cl.survival.kaplan_meier(late, entry=e) for e in [None, "entry"])
at(careless, 12), at(careful, 12), round(float(np.mean(list(truth.values()))), 3)

# %% [markdown]
# Without the entries 68.5 %; with them 58.7 %, and the truth is 58.8 %.
#
# ## Groups of different make-up
#
# The firm gave a discount, which (as we made it) does nothing at all. But it went mostly to customers of plus and family.

# %%
few = spells.frame.head(20_000)
chance = few["plan"].map({"basic": 0.2, "plus": 0.8, "family": 0.8}).astype(float)
few = few.assign(discount=np.random.default_rng(1).random(len(few)) < chance)
tests = [cl.compare.logrank(few, by="discount", strata=s) for s in (None, "plan")]
sides = [cl.compare.observed_expected(few, by="discount", strata=s) for s in (None, "plan")]
compared = pd.concat(tests, keys=["all together", "within each plan"]).droplevel(1)
compared["ratio"] = [side["ratio"].iloc[1] for side in sides]
compared[["n", "n_event", "statistic", "p_value", "ratio"]].round(4)

# %% [markdown]
# The `ratio` is that of losses seen to losses expected among those with the discount. All together they have 7 % fewer losses than expected, far beyond chance. With `strata`, customers are compared within their plan only, and the difference is gone. **Strata** help against what you know and have recorded; against the rest only a trial does ([notebook 01](01_churn_rate.ipynb)).
#
# ## The hidden bias of "inactive means lost"
#
# Back to customers without a contract, again made by us: they start somewhere in a window of 730 days, stay for an exponential time with mean 365 days, buy every 30 days on average, and leave without a word. After a year $e^{-1}$, 36.8 %, are still there.
#
# A tempting rule says: silent for 180 days at `as_of`, so lost on the day of the last purchase; all the others are alive, so follow them up to `as_of`. Beside it the rule of `to_spells`, with the cut.

# %%
purchases = cl.datasets.generate_events(100_000, mean_gap=30, mean_life=365, window_days=730)
as_of = pd.Timestamp("2023-01-01") + pd.Timedelta(days=730)
life = purchases.groupby("customer")["time"].agg(["min", "max"])
event = as_of - life["max"] >= pd.Timedelta(days=180)
days = (life["max"].where(event, as_of) - life["min"]).dt.days
wrong = cl.survival.kaplan_meier(pd.DataFrame({"duration": days, "event": event}))
silent = cl.spells.to_spells(purchases, inactivity=180, as_of=as_of)
right = cl.survival.kaplan_meier(silent)
at(wrong, 365), at(right, 365), (as_of - life["max"][event].max()).days

# %% [markdown]
# 51 % by the tempting rule. By it no loss can be dated into the last 180 days, as the third number confirms, yet everyone called alive counts as at risk all through them. It is the mistake made with the old contracts, at the other end: time at risk without a chance of an event. The remedy is the cut: follow nobody beyond `as_of` minus 180 days.
#
# With the cut it is 32.6 %. Why not 36.8 %? A spell ends with the last *purchase*, a little before the customer leaves. Who is there on day 365 must buy once more: that brings the factor $365/395$, the chance that the next purchase comes before the leaving, $(1/30) / (1/30 + 1/365)$. And a *living* customer may pause for 180 days; each of about twelve gaps in a year does so with probability $e^{-180/30}$.

# %%
rule = exp(-1) * 365 / 395 * exp(-365 / 30 * exp(-180 / 30))
near = right[right["duration"] <= 365].iloc[-1]
assert abs(near["estimate"] - rule) < 2 * near["std_error"]
round(rule, 4), near[["estimate", "std_error"]].round(4).to_dict()

# %% [markdown]
# Rule and estimate, 33.0 and 32.6 %, differ by less than two standard errors (one is 0.23 points). This is no bias of the method; it is the rule, saying exactly what it says: *days from the first purchase to the last before a silence of 180 days*.

# %%
days = np.arange(551)
with cl.plot.style():
    fig, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
    ax.plot(days, np.exp(-days / 365), ":", color="black", label="truth: day of leaving")
    for name, line in {"tempting: others until as_of": wrong, "with the cut": right}.items():
        shown = line[line["duration"] <= 550]
        ax.step(shown["duration"], shown["estimate"], where="post", label=name)
    ax.set(ylim=(0, 1.02), xlim=0, xlabel="days since the first purchase", ylabel="still customers")
    ax.yaxis.set_major_formatter("{x:.0%}")
    ax.legend()

# %% [markdown]
# Both curves begin below 100 %, at 92 and 94 %: whoever bought only once is lost after 0 days. The curve with the cut keeps its shape a little below the truth. The tempting one is below it too at first, crosses it after 75 days, and then drifts away the more, the later it gets.
#
# ## What you have learnt
#
# * A running customer is **censored**: at risk until last known to be here, silent about later.
# * Kaplan–Meier multiplies the shares that stayed; Nelson–Aalen adds the shares that left.
# * A median that is not reached is missing, and a mean needs a horizon.
# * The log-rank test compares churns seen with churns expected; compare like with like by strata.
# * Ask of every spell *from when to when a loss could have been seen*: that settles late entries, the cut, and most quarrels about curves.
#
# *Why* they leave is the question of [notebook 12](12_why_they_leave.ipynb).
#
# | term | 中文 | |
# |---|---|---|
# | survival curve | 生存曲线 | share still customers after each duration |
# | spell | 存续期 | time from the start to the loss of a customer |
# | censored | 删失 | the loss was not seen while we looked |
# | at risk | 处于风险中 | under observation just before a duration |
# | Kaplan–Meier estimate | 卡普兰–迈耶估计 | the product of the shares that stayed |
# | hazard | 风险率 | share lost among those at risk |
# | cumulative hazard | 累积风险 | hazards added up (Nelson–Aalen) |
# | median | 中位数 | first duration at which half or fewer are still here |
# | quantile | 分位数 | the same for any share lost |
# | restricted mean | 限制性平均时间 | mean stay within a given time |
# | residual lifetime | 剩余生命周期 | stay still to come of those already here |
# | confidence band | 置信带 | limits for the whole curve at once |
# | log-rank test | 对数秩检验 | churns seen against churns expected, by group |
# | observed and expected | 观察数与期望数 | the two numbers it compares |
# | weighting | 加权方式 | which durations count for more in a test |
# | pairwise comparison | 两两比较 | each group against each, corrected for the number |
# | stratum | 层 | customers alike, compared among themselves only |
# | late entry | 延迟进入(左截断) | observation began after the customer did |
# | inactivity | 静默期 | silence that counts as having left |
# | cut | 判定截止日 | last day on which a loss can be judged |

# %% [markdown]
# ## Exercises
#
# Put your answer in place of the `...` and run the cell. Each question knows the usual wrong roads. Hints and solutions are folded; `q1.hint(2)` is a plainer hint.
#
# **1.** With pencil and paper.

# %%
q1 = cl.learn.exercise("11.1")
q1

# %%
answer = ...
q1.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q1.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
five = pd.DataFrame({"duration": [2, 3, 5, 5, 8], "event": [True, False, True, True, False]})
q1.check(cl.survival.kaplan_meier(five).set_index("duration")["estimate"][5])

# %% [markdown]
# **2.** One day more of patience.

# %%
q2 = cl.learn.exercise("11.2")
q2

# %%
answer = ...
q2.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q2.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
patient = cl.spells.to_spells(six, inactivity=31, as_of="2026-05-05")
q2.check(cl.survival.kaplan_meier(patient).set_index("duration")["estimate"][14])

# %% [markdown]
# **3.** As R would print it.

# %%
q3 = cl.learn.exercise("11.3")
q3

# %%
answer = ...
q3.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q3.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q3.check(cl.survival.quantiles(mp, q=0.5, conf="log")["conf_low"][0])

# %% [markdown]
# **4.** By how much?

# %%
q4 = cl.learn.exercise("11.4")
q4

# %%
answer = ...
q4.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q4.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
within = cl.compare.restricted_mean(patients, by="treatment", until=15, reference="placebo")
q4.check(within["estimate"][0])

# %% [markdown]
# **5.** Pencil and paper again.

# %%
q5 = cl.learn.exercise("11.5")
q5

# %%
answer = ...
q5.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q5.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
plan = pd.DataFrame(
    {"plan": list("aaabbb"), "duration": [1, 2, 4, 2, 3, 5], "event": [1, 1, 1, 0, 1, 0]}
)
q5.check(cl.compare.observed_expected(plan, by="plan")["expected"][0])

# %% [markdown]
# **6.** Older than the records.

# %%
q6 = cl.learn.exercise("11.6")
q6

# %%
answer = ...
q6.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q6.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
nine = pd.DataFrame({"duration": [1, 2, 3, 4, 4, 4, 6, 8, 9], "event": [1, 0, 1, 0, 0, 1, 1, 0, 0]})
nine["entry"] = [0, 0, 0, 0, 0, 2, 3, 4, 5]
q6.check(at(cl.survival.kaplan_meier(nine, entry="entry"), 6))

# %% [markdown]
# ## References
#
# * Freireich and others (1963), *Blood* 21(6), 699–716: the leukaemia trial; Gehan (1965), *Biometrika* 52, 203–223: its analysis. The estimates and errors above are also those of R's `survfit`.
# * Brookmeyer and Crowley (1982), *Biometrics* 38, 29–41: limits of a median. Nair (1984), *Technometrics* 26, 265–275: bands of equal precision.
# * Fader, Hardie and Lee (2005), *Marketing Science* 24(2), 275–284: purchases at random while a customer is alive, the kind of process behind our generated customers.
