# %% [markdown]
# # How long do customers stay? Survival curves
#
# **The question.** How long does a customer stay with us? Some have left, and we know after how long. Most are still here: they have stayed *at least* so long, and the rest lies in the future. And customers without a contract never tell us that they left.
#
# **The decision.** When to act: if half of all losses fall into the first weeks, the welcome matters more than the anniversary. And how much a new customer may cost, which hangs on how long customers stay.
#
# **You will learn**
#
# * what censoring is, and why running customers may be neither dropped nor called "survived";
# * to work out a Kaplan–Meier curve by hand, and to get it with one call;
# * the cumulative hazard of Nelson–Aalen, and what its slope says;
# * to reproduce a famous published curve to four decimals, and which limits belong to it;
# * the bias hidden in "inactive for 180 days means lost", and the cut that removes it.

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
# One thing follows at once. Nobody can be known to have left after 5 April: from there to `as_of` is less than 30 days of possible silence. The 5 April is the **cut**, `as_of` minus 30 days. Up to the cut every customer can be judged, after it nobody can.

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
# * **C1** came on 25 March and was still buying after the cut: a customer for 11 days at least. *Censored* at 11.
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
# Two shortcuts look harmless. *Drop the running customers*, since we do not know how long they will stay:

# %%
dropped = hand[hand["event"]]
float((dropped["duration"] > 14).mean()), round(float(dropped["duration"].mean()), 1)

# %% [markdown]
# Only those who left remain, so of course all have left by day 14; their "average life" of 6.3 days is that of the unfaithful. Or *call the running ones survived*, whenever they were last seen:

# %%
survived = ~hand["event"] | (hand["duration"] > 14)
float(survived.mean())

# %% [markdown]
# 40 % instead of 30 %: C1 is credited with reaching day 14, though we followed C1 for only 11. The first shortcut is too dark and the second too bright. A third one, counting C1 as lost on day 11, is too dark again. Kaplan–Meier uses of everyone what is known, up to the moment to which it is known.
#
# ## One call, equal to the hand result
#
# `to_spells` turns purchases into spells by exactly these rules, and `kaplan_meier` makes the curve.

# %%
spells = cl.spells.to_spells(six, inactivity=30, as_of=as_of)
spells.frame[["customer", "start", "duration", "event"]]

# %%
curve = cl.survival.kaplan_meier(spells)
assert np.allclose(curve["estimate"], hand["S"])
curve.drop(columns="std_error").round(3)

# %% [markdown]
# Each row says: so many were at risk just before this duration, so many were seen to leave, so many were censored here, and this share is still there afterwards. With five customers the 95 % limits span nearly everything, as they should.
#
# Nothing was repaired or lost in silence. The ledger shows C5, too new for the cut, and the second spells of C3 and C6.

# %%
cl.ledger(curve).query("fate == 'excluded'")[["stage", "unit", "rule", "n"]]

# %% [markdown]
# ## The hazard, added up
#
# The share lost among those at risk is the **hazard**. Nelson and Aalen simply add it up: $H(t) = \sum d_u / n_u$.

# %%
hazard = cl.survival.nelson_aalen(spells)
assert np.allclose(hazard["estimate"], np.cumsum([1 / 5, 1 / 4, 0, 1 / 2, 0]))
hazard[["duration", "n_risk", "n_event", "estimate"]].round(3)

# %% [markdown]
# Its height is no probability and may pass 1. Read the **slope**: where it is straight, customers leave at a steady pace; where it flattens, those who are still here leave more rarely.
#
# ## A published curve, to four decimals
#
# A classic of survival analysis: 42 patients with leukaemia, weeks in remission under the drug 6-MP or a placebo (Freireich and others 1963, analysed by Gehan 1965). A `+` marks a patient still in remission when last seen — a running customer, in our words.

# %%
weeks = {"6-MP": "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+",
         "placebo": "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"}  # fmt: skip
typed = pd.Series(weeks).str.split().explode().rename_axis("treatment").reset_index(name="weeks")
patients = typed.assign(event=~typed["weeks"].str.endswith("+"))
patients["weeks"] = patients["weeks"].str.rstrip("+").astype(int)
len(patients), int(patients["event"].sum()), int(patients["weeks"].sum())

# %% [markdown]
# 42 patients, 30 relapses, 541 weeks: nothing was mistyped. One call gives both curves; the columns keep the names they have.

# %% tags=["figure"]
curves = cl.survival.kaplan_meier(patients, duration="weeks", by="treatment")
drug = curves.query("treatment == '6-MP' and n_event > 0").set_index("duration")
published = {6: (0.8571, 0.0764), 7: (0.8067, 0.0869), 10: (0.7529, 0.0963), 13: (0.6902, 0.1068),
             16: (0.6275, 0.1141), 22: (0.5378, 0.1282), 23: (0.4482, 0.1346)}  # fmt: skip
reproduced = drug[["estimate", "std_error"]].round(4)
assert reproduced.values.tolist() == [list(pair) for pair in published.values()]
assert drug.index.tolist() == list(published)
reproduced

# %% [markdown]
# Every published estimate and every standard error (Greenwood's formula) is met to the last printed digit. The **median** is the first time at which half or fewer are left.

# %% tags=["figure"]
medians = curves[curves["estimate"] <= 0.5].groupby("treatment")["duration"].min()
assert medians.to_dict() == {"6-MP": 23, "placebo": 8}
medians

# %%
ax = cl.plot.survival(curves, xlabel="weeks", ylabel="still in remission")

# %% [markdown]
# How to read it: each step down is a relapse, each tick a patient who was last seen in remission, each band a 95 % interval. The table under the figure is as important as the curve. At week 20 eight patients are left under 6-MP, and a curve that stands on eight people should not be argued about.
#
# ### Which limits?
#
# churnlab computes the limits on the log-log scale, which keeps them between 0 and 1. R's `survfit` uses the log scale unless told otherwise. Same estimate, same standard error, other limits:

# %%
log = cl.survival.kaplan_meier(patients, duration="weeks", by="treatment", conf="log")
both = pd.concat({"log-log": curves, "log": log}, names=["conf"]).reset_index("conf")
last = both.query("treatment == '6-MP' and duration == 23")
last[["conf", "estimate", "std_error", "conf_low", "conf_high"]].round(3)

# %% [markdown]
# So name the scale when you report, and do not be alarmed when two programs disagree here.
#
# ## The hidden bias of "inactive means lost"
#
# Now back to customers without a contract, many of them. We make them, so that the truth is known: everyone starts somewhere in a window of 730 days, stays for an exponential time with mean 365 days, buys every 30 days on average while there, and leaves without a word.

# %%
purchases = cl.datasets.generate_events(
    100_000, seed=1, mean_gap=30, mean_life=365, window_days=730
)
as_of = pd.Timestamp("2023-01-01") + pd.Timedelta(days=730)
truth = exp(-365 / 365)
len(purchases), str(as_of.date()), round(truth, 3)

# %% [markdown]
# After a year 36.8 % are still there. We call lost who was silent for 180 days. A tempting rule says: silent for 180 days at `as_of`, so lost on the day of the last purchase; all the others are alive, so follow them up to `as_of`. It takes four lines of pandas.

# %%
life = purchases.groupby("customer")["time"].agg(["min", "max"])
event = as_of - life["max"] >= pd.Timedelta(days=180)
until = life["max"].where(event, as_of)
tempting = pd.DataFrame({"duration": (until - life["min"]).dt.days, "event": event})


# %%
def at(curve, day):
    """The estimate at a duration: that of the last row at or before it."""
    return round(float(curve.loc[curve["duration"] <= day, "estimate"].iloc[-1]), 3)


wrong = cl.survival.kaplan_meier(tempting)
at(wrong, 365)

# %% [markdown]
# 51 % instead of 37 %. With a hundred thousand customers this is no accident. How many are called alive at `as_of`, and how many really are? With starts spread evenly over two mean lives it must be a share of $(1 - e^{-2})/2$.

# %%
float((~event).mean()), round((1 - exp(-2)) / 2, 3)

# %% [markdown]
# 60 % are called alive and 43 % are. The others left during the last 180 days, and their silence has not lasted long enough to show. And how long before `as_of` is the latest loss dated?

# %%
(as_of - life["max"][event].max()).days

# %% [markdown]
# Not one loss in the last 180 days: by the rule there cannot be any. Yet everyone called alive counts as at risk all through those days. Time at risk without a chance of an event pulls every hazard down. The remedy is the cut: follow nobody beyond `as_of` minus 180 days. That is what `to_spells` does.

# %%
spells = cl.spells.to_spells(purchases, inactivity=180, as_of=as_of)
right = cl.survival.kaplan_meier(spells)
at(right, 365)

# %% [markdown]
# Why not .368? Two small things remain, and both can be worked out. First, a spell ends with the last *purchase*, which comes a little before the customer leaves: the chance to buy at least once more after day 365 is that of living so long, times $365/395$, the chance that the next purchase comes before the end. Second, `to_spells` also ends the spell of a *living* customer who happens to pause for 180 days, and each gap does so with probability $e^{-180/30}$; a year has about twelve gaps.

# %%
shift = truth * 365 / 395
pause = exp(-180 / 30)
expected = shift * exp(-365 / 30 * pause)
round(shift, 3), round(pause, 4), round(expected, 3)

# %%
near = right[right["duration"] <= 365].iloc[-1]
assert abs(near["estimate"] - expected) < 2 * near["std_error"]
round(float(near["std_error"]), 4)

# %% [markdown]
# So .340 would count the shift to the last purchase alone, and .330 is what to expect once chance pauses are included. Our estimate agrees within two standard errors. This is no bias of the method; it is the rule, saying exactly what it says: *days from the first purchase to the last before a silence of 180 days*.

# %%
days = np.arange(551)
with cl.plot.style():
    fig, ax = plt.subplots(layout="constrained")
    ax.plot(days, np.exp(-days / 365), ":", color="black", label="truth: day of leaving")
    for name, line in {"tempting: others until as_of": wrong, "with the cut": right}.items():
        seen = line[line["duration"] <= 550]
        ax.step(seen["duration"], seen["estimate"], where="post", label=name)
    ax.axvline(365, color="grey", linewidth=0.6)
    ax.set(ylim=(0, 1.02), xlim=0, xlabel="days since the first purchase", ylabel="still customers")
    ax.yaxis.set_major_formatter("{x:.0%}")
    ax.legend()

# %% [markdown]
# The curve with the cut runs a little below the truth everywhere and keeps its shape. The tempting one drifts away the more, the later it gets.
#
# ### When the tempting rule does no harm
#
# Let all customers start on day 0 and follow each for 730 days. Then the days without possible losses are the last 180 of *everyone*, beyond day 550, where we do not look.

# %%
longer = cl.datasets.generate_events(20_000, seed=2, mean_gap=30, mean_life=365, window_days=1460)
begin, first_day = longer.groupby("customer")["time"].transform("min"), pd.Timestamp("2023-01-01")
moved = longer.assign(time=first_day + (longer["time"] - begin))
day0 = moved[(begin < as_of) & (moved["time"] < as_of)]
life = day0.groupby("customer")["time"].agg(["min", "max"])
event = as_of - life["max"] >= pd.Timedelta(days=180)
until = life["max"].where(event, as_of)
together = pd.DataFrame({"duration": (until - life["min"]).dt.days, "event": event})
at(cl.survival.kaplan_meier(together), 365)

# %% [markdown]
# Against .340 expected (this rule asks for the last purchase only, so chance pauses do not count), there is no bias at all. It comes from *spread* starts, which is to say from every real shop.
#
# ## What you have learnt
#
# * A running customer is **censored**: at risk until last known to be here, silent about later.
# * Kaplan–Meier multiplies the shares that stayed; Nelson–Aalen adds the shares that left.
# * Report the number at risk, the limits and their scale.
# * Without contracts, "lost" is a rule about silence. Follow nobody beyond `as_of` minus that silence.
# * Know what the rule itself shifts, and say it.
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
# | inactivity | 静默期 | silence that counts as having left |
# | cut | 判定截止日 | last day on which a loss can be judged |
#
# ## Exercises
#
# Put your answer in place of the `...` and run the cell. Each question knows the usual wrong roads. Hints and solutions are folded.
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
# **3.** Half of the patients.

# %%
q3 = cl.learn.exercise("11.3")
q3

# %%
answer = ...
q3.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q3.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q3.check(drug.index[drug["estimate"] <= 0.5][0])

# %% [markdown]
# **4.** As R would print it.

# %%
q4 = cl.learn.exercise("11.4")
q4

# %%
answer = ...
q4.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q4.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q4.check(log.query("treatment == '6-MP' and duration == 23")["conf_low"].iloc[0])

# %% [markdown]
# **5.** How much silence is enough?

# %%
q5 = cl.learn.exercise("11.5")
q5

# %%
answer = ...
q5.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q5.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q5.check(exp(-90 / 30))

# %% [markdown]
# **6.** Three kinds of customers.

# %%
q6 = cl.learn.exercise("11.6")
q6

# %%
answer = ...
q6.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q6.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
made = cl.datasets.generate_events(5_000, seed=3)
kept = cl.spells.to_spells(made, inactivity=180, as_of="2024-12-31", keep="segment")
groups = cl.survival.kaplan_meier(kept, by="segment").query("duration <= 180")
q6.check(groups.groupby("segment")["estimate"].min().max())

# %% [markdown]
# ## References
#
# * Freireich and others (1963), *Blood* 21(6), 699–716: the leukaemia trial; Gehan (1965), *Biometrika* 52, 203–223: its analysis. The numbers above are also those of R's `survfit`, and the data are in the Python package lifelines as `load_leukemia`.
# * Fader, Hardie and Lee (2005), *Marketing Science* 24(2), 275–284: purchases at random while a customer is alive, the kind of process behind our generated customers.
