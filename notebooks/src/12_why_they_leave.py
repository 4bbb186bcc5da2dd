# %% [markdown]
# # Why they leave: competing reasons
#
# **The question.** After five years 71 of 100 customers are gone. One report says: over five years service costs us 39 of them. Another says: 53 move away. Each was made with care, by the method of notebook 11, and the two add up to 92. Who are the 21 too many?
#
# **The decision.** Which reason to work on, and what may be hoped for. If service became perfect, would 39 more customers still be here? No: neither 39 nor the 28.5 whom service really cost us, but 18.6.
#
# **You will learn**
#
# * to share out the customers lost among the reasons, by hand and with one call, so that the parts add up to the whole;
# * why one minus Kaplan–Meier for a single reason is always too high, and what question it does answer;
# * to bring the lists of reasons of the articles into one, and to split it by what a firm can help;
# * what total churn becomes without a reason, and what has to be believed for that;
# * what can be said when many never told why;
# * to ask whether two groups lose as many customers for a reason, which is not whether the reason acts as strongly.

# %%
from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import churnlab as cl

# %% [markdown]
# ## Meet the data: eight customers
#
# A row per customer: months as a customer, and why they left. Three are still here.

# %%
eight = pd.DataFrame({"customer": list("ABCDEFGH"), "duration": [1, 2, 2, 3, 4, 4, 5, 6]})
eight["reason"] = ["price", "moved", None, "price", "moved", None, "price", None]
eight["event"] = eight["reason"].notna()
eight.set_index("customer").T

# %% [markdown]
# Price and moving are **competing risks**: whichever comes first takes the customer, and the other one can no longer happen. What *would* have come next nobody sees. B moved in month 2; whether the price would have driven B out in month 5 stands in no record.
#
# ## By hand
#
# Who is lost for the price in month 3? First one has to be still there, and then to leave for that reason. So multiply two things: the share of all customers that is still there just before, whatever the others left for, and the share of those at risk who leave now. Then add up, each reason for itself. At risk are those neither lost nor out of sight: C, still here after 2 months, counts at 2 and not at 3.

# %%
hand = eight[eight["event"]].assign(at_risk=[8, 7, 5, 4, 2])
hand["leaves"] = [Fraction(1, n) for n in hand["at_risk"]]
hand["still_there"] = (1 - hand["leaves"]).cumprod().shift(fill_value=Fraction(1))
hand["lost"] = hand["still_there"] * hand["leaves"]
hand.drop(columns="event")

# %%
by_hand = hand.groupby("reason")["lost"].sum()
assert by_hand.to_dict() == {"moved": Fraction(11, 40), "price": Fraction(1, 2)}
by_hand, by_hand.sum()

# %% [markdown]
# After five months price has taken one half of the customers (20/40) and moving 11/40; together 31/40, and 9/40 are still there. This is the **cumulative incidence** by Aalen and Johansen,
#
# $$F_r(t) = \sum_{u \le t} S(u-)\,\frac{d_r(u)}{n(u)},$$
#
# with $S(u-)$ the Kaplan–Meier curve of *all* departures just before $u$, $d_r$ those for reason $r$, and $n$ the number at risk.
#
# ## The wrong way first
#
# A tempting short cut: we have Kaplan–Meier, so take one reason at a time, call everyone who left for another one censored, and subtract from 1.

# %%
naive = 1 - (1 - hand["leaves"]).groupby(hand["reason"]).prod()
assert naive.to_dict() == {"moved": Fraction(5, 14), "price": Fraction(13, 20)}
naive.astype(float).round(3).to_dict(), round(float(naive.sum()), 3)

# %% [markdown]
# 65 % and 35.7 %: together more than all customers there ever were, although some are still here. Why? Censored means: *the same may still happen to you, only we do not see it*. That is so for C, who is still a customer. It is not so for B, who has left and can never leave for the price. Kaplan–Meier lets those who remain at risk stand for B too, and so counts departures that never took place.
#
# How large is the mistake with many customers? Let service have a constant hazard $\lambda_1$ of 0.10 a year (with it alone, a share $e^{-0.10}$ would stay each year) and moving $\lambda_2$ of 0.15. Then no data are needed, only two formulas: the shortcut gives $1-e^{-\lambda_r t}$ for each reason, and in truth all who left, $1-e^{-(\lambda_1+\lambda_2)t}$, divide in the ratio of the two hazards.

# %%
hazard = pd.Series({"service": 0.10, "moved": 0.15})
shortcut = 1 - np.exp(-5 * hazard)
truth = hazard / hazard.sum() * (1 - np.exp(-5 * hazard.sum()))
both = pd.DataFrame({"1 - Kaplan–Meier": shortcut, "truth": truth})
both.loc["together"] = both.sum()
both.round(3)

# %% [markdown]
# Here are the reports of the beginning: 39.3 % and 52.8 %, together 92.1 %. In truth 28.5 % and 42.8 %, together the 71.3 % who left. The 21 points too many are people who left for one reason and were counted again for the other.
#
# Is the shortcut nonsense, then? No: it answers another question, *how many would be lost to service if nobody could move away*. We come back to it; it is not the share of customers lost to service.
#
# ## One call, equal to the hand result

# %%
found = cl.survival.incidence(eight)
last = found[found["duration"] == 5].set_index("reason")
assert np.allclose(last["estimate"], by_hand.astype(float))
assert np.allclose(last["naive"], naive.astype(float))
last.drop(columns="duration").round(3)

# %% [markdown]
# `estimate` is the share lost for this reason by this duration, `naive` the shortcut, for comparison only. A row per reason and duration; `n_event` counts this reason alone, and the limits (95 %, on the log-log scale) are as wide as eight customers make them.
#
# ## Read the picture
#
# Now 20,000 customers with the two hazards from above. We make them so that we know more than any firm does: everyone gets a time for *every* reason, and the first one counts. `until` is the moment at which we stop looking.


# %%
def leavers(n, seed, **hazard):
    """Customers with a time in years for every reason: the first to come takes them."""
    rng = np.random.default_rng(seed)
    times = pd.DataFrame({reason: rng.exponential(1 / h, n) for reason, h in hazard.items()})
    times["until"] = rng.uniform(3, 7, n)
    first = times.idxmin(axis=1)
    seen = first != "until"
    return times.assign(duration=times.min(axis=1), event=seen, reason=first.where(seen))


made = leavers(20_000, 1, service=0.10, moved=0.15)
made.head(3).round(2)

# %%
shares = cl.survival.incidence(made)
five = shares[shares["duration"] <= 5].groupby("reason").last()
assert ((five["estimate"] - truth).abs() < 2 * five["std_error"]).all()
assert np.allclose(five["naive"], shortcut[five.index], atol=0.005)
five[["estimate", "std_error", "naive"]].round(3)

# %%
with cl.plot.style():
    fig, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
_ = cl.plot.incidence(shares, ax=axes[0], naive=True, xlabel="years")
_ = cl.plot.incidence(shares, ax=axes[1], kind="stacked", xlabel="years")
_ = plt.setp(axes, ylim=(0, 1)), axes[0].get_legend().set(loc="upper left")

# %% [markdown]
# **Left:** each curve is the share of *all* customers lost for a reason so far. Dashed is the shortcut: close at first, while few have gone, then further and further off. So the mistake is small for a young customer base and large for an old one. **Right:** the same two curves upon each other. Their upper edge is the Kaplan–Meier curve turned over, everyone who left; what remains on top are those still here. If your parts cannot be stacked like this, they are not parts.
#
# ## The articles' lists of reasons
#
# Of which reasons should one think? Article 004 has eight, in its own numbering. `crosswalk` holds them, and the lists of the other articles, item by item; `taxonomy` is the one list into which all are sorted, with two yes-or-no questions.

# %%
reasons = cl.reasons.taxonomy().set_index("reason")
items = cl.reasons.crosswalk().join(reasons, on="reason")
named = items[items["scheme"] == "eight_reasons"].set_index("code")
named[["wording", "reason", "controllable", "voluntary"]]

# %%
helped = items["controllable"].map({True: "yes", False: "no"}).fillna("open")
pd.crosstab([items["article"], items["scheme"]], helped)

# %% [markdown]
# **Controllable:** can the firm do anything about it? **Voluntary:** did the customer choose to go? These are two questions, and article 003 asks the first in so many words: an account that contracts, turns competitor or collapses is beyond control, while an attack by a competitor, a product below the need and an open complaint are not. Article 001 divides by sides: nine reasons of the firm, seven of the customer (the counting is ours). Where the words do not decide it, the answer is missing (`open`): *natural loss* in 004 is both a customer who changed trade and one whom nobody had called for a long time.
#
# Research has its lists as well: Keaveney (1995) sorted the reasons for switching a service into eight categories.
#
# Two warnings. The lists overlap, so count in one of them. And each customer gets *one* reason here. The telephone interview of 004 (scheme `lost_customer_call`) has six codes for "why not our workshop?", and does not say whether one answer is allowed or several; with several, ask for the main one.
#
# Now to contracts, 20,000 of them, generated: a quarter of the customers leaves per year, for eight reasons. The shares of the reasons are invented.

# %%
contracts = cl.datasets.generate_leavers(
    20_000, first_day="2020-01-01", window_days=1827, as_of="2025-01-01", not_asked=0
)
helps = reasons["controllable"].map({True: "can be helped", False: "cannot be helped"})
contracts["side"] = contracts["reason"].map(helps.fillna("open"))
contracts[["start", "end", "reason", "side"]].dropna().head(3)

# %%
spells = cl.spells.subscriptions_to_spells(
    contracts, as_of="2025-01-01", keep=["segment", "reason", "side"]
)
sides = cl.survival.incidence(spells, reason="side")
four = sides[sides["duration"] <= 1460].groupby("reason").last()
four[["estimate", "conf_low", "conf_high", "naive"]].round(3)

# %%
shown = sides[sides["duration"] <= 1460]
with cl.plot.style():
    ax = plt.subplots(figsize=(6, 2.8), layout="constrained")[1]
_ = cl.plot.incidence(shown, ax=ax, kind="stacked", xlabel="days")

# %% [markdown]
# Any column can be the reason, here `side`. After four years (1,460 days) 44.4 % of the customers are lost for something the firm could have helped, 16.5 % for something it could not, and 6.7 % because a payment failed, where the words do not say whose doing it was. The first of the three is the ceiling for every programme that keeps customers, and, as we shall see now, even a perfect one does not reach it.
#
# ## If a reason did not exist
#
# Back to service and moving. Suppose service never drove anyone out again. Within five years 71.3 % leave, and 28.5 % of all are lost to service. So would churn fall to 42.8 %?

# %%
without = cl.survival.eliminate(made, without="service")
then = without[without["duration"] <= 5].iloc[-1]
assert np.isclose(then["estimate"], five.loc["moved", "naive"])
then.drop(["std_error", "conf_low", "conf_high"]).round(3).to_frame("after 5 years").T

# %%
exact = 1 - np.exp(-0.25 * 5), 1 - np.exp(-0.15 * 5)
known = (made["moved"] <= 5).mean()
[round(float(x), 4) for x in (*exact, exact[0] - exact[1], known)]

# %% [markdown]
# No: 52.9 % in the data, which is exactly the shortcut's figure for moving. *This* is the question it answers. By the formula total churn falls from 71.35 to 52.76 %, which saves 18.59 points and not 28.5; the data, chance included, give 18.6. Who is kept today can still move away tomorrow, and many do. Braun and Schweidel (2011) call it the *damper effect* that what cannot be controlled dampens the return on what can. (Theirs is the money that an effort returns; this is its simplest arithmetic.) And since we made these customers, we can look up when each of them would have moved: 53.1 % by year five, whatever service did. The data knew it without seeing it.
#
# But they knew it only because the two times were drawn **independently**. Suppose that whoever left for service is of a settled kind and would never have moved: then all who are kept stay, and 42.7 % would leave (`estimate_low`). Or suppose that all of them had already packed, and would have moved on the very same day: then nothing is saved, and it stays at 71.5 % (`estimate_high`). In all three worlds the table of departures is the same, row by row, so no test on this table can tell them apart. The bounds are what the data say, chance aside; the estimate is what the data and an assumption say. Only an experiment, better service for some customers by lot, goes further.
#
# With eight reasons, each taken away alone, always over four years:

# %%
saved = {}
for reason in contracts["reason"].dropna().unique():
    one = cl.survival.eliminate(spells, without=reason)
    saved[reason] = one.loc[one["duration"] <= 1460, ["incidence", "saved"]].iloc[-1]
saved = pd.DataFrame(saved).T.sort_values("saved", ascending=False)
saved.assign(ratio=saved["saved"] / saved["incidence"]).round(4)

# %%
pair = cl.survival.eliminate(spells, without=["high_price", "competitor_offer"])
pair = pair[pair["duration"] <= 1460].iloc[-1]
alone = saved.loc[["high_price", "competitor_offer"], "saved"].sum()
saved.sum().round(4).to_dict(), round(float(pair["saved"]), 4), round(float(alone), 4)

# %% [markdown]
# Each reason, taken away, saves between 55 and 63 % of what it takes. Over all eight, `incidence` adds up to the 67.6 % who left; `saved` adds up to 39.9 points only, and is not meant to add up: two reasons taken away *together*, the price and the competitors, save 19.80 points, more than the 10.75 and 6.80 that they save alone, 17.55 in all, since nobody kept from the one falls to the other.
#
# ## Reasons that nobody knows
#
# Some never say why. Let us hide reasons in our contracts as it may happen: of those annoyed about service or a complaint, six in ten hang up; of the others one in ten.

# %%
annoyed = contracts["reason"].isin(["poor_service", "unresolved_complaint"])
silent = np.random.default_rng(6).random(len(contracts)) < np.where(annoyed, 0.6, 0.1)
asked = contracts.assign(reason=contracts["reason"].mask(silent))
told = cl.spells.subscriptions_to_spells(asked, as_of="2025-01-01", keep="reason").frame

# %% [markdown]
# Two habits deal with the silent. One **drops** them from the table. The other **spreads** them over the reasons, in the proportions of those who answered. Here both stand beside the truth, and beside what was `told`: with the unknown as a reason of its own.

# %%
tables = {"truth": spells, "told": told, "dropped": told[~told["event"] | told["reason"].notna()]}
curves = {name: cl.survival.incidence(table) for name, table in tables.items()}
at_4 = {name: c[c["duration"] <= 1460].groupby("reason").last() for name, c in curves.items()}
habits = pd.DataFrame({name: c["estimate"] for name, c in at_4.items()}).drop(index="unknown")
habits["spread"] = habits["told"] * at_4["told"]["estimate"].sum() / habits["told"].sum()

# %%
ends = cl.survival.reason_bounds(told)
ends = ends[ends["duration"] <= 1460].groupby("reason").last()
habits = habits.join(ends[["estimate_low", "estimate_high"]])
assert habits["truth"].between(habits["estimate_low"], habits["estimate_high"]).all()
habits.loc[["high_price", "poor_service", "relocation"]].round(3)

# %%
totals = {name: float(c["estimate"].sum()) for name, c in at_4.items()}
{name: round(total, 3) for name, total in totals.items()}

# %% [markdown]
# In truth poor service took 9.9 %. Dropping shows 4.5 %, and makes total churn look like 61.2 % instead of 67.6 %, for the silent have left all the same. Spreading keeps the total and shows 5.0 % for service, while the price grows from 17.1 to 19.9 %: a firm would cut its prices, and the trouble is at the counter. Both habits believe that the silent left for the same reasons as those who spoke, and nothing in the table can show that they did.
#
# `reason_bounds` believes nothing. Its lower end is `told`, with none of the unknown counted for the reason, its upper end has all of them: between 3.9 and 18.5 % for poor service. That is wide, and it is honest; it becomes narrower in one way only, by asking more people. Call some of the silent, chosen by lot, until they answer.
#
# ## Do two groups leave for different reasons?
#
# **Gray's test** asks, reason by reason, whether groups lose the same share of customers. The R package cmprsk tests itself on 100 simulated rows with three groups, and churnlab ships them; their strata say who is compared with whom.

# %% tags=["figure"]
rows = cl.datasets.load("gray_100")
rows["event"] = rows["reason"] > 0
tests = cl.compare.gray(rows, by="group", strata="stratum")
assert tests["statistic"].round(6).tolist() == [3.393977, 1.989511]
assert tests["p_value"].round(7).tolist() == [0.1832345, 0.3698139]
tests

# %% [markdown]
# Equal to cmprsk in every printed digit. The difference to the log-rank test: those lost for *another* reason stay in the denominator, since they are customers whom this reason can no longer take.
#
# Nothing is found, and rightly so: the groups were drawn without regard to the times.
#
# Now the warning. A log-rank test with the other reasons censored looks like the same thing. It asks something else: not *are more customers lost for it?* but *does the reason act more strongly on those still there?* Two plans, made so that people move at the same pace in both; on `plus` service is three times as bad.

# %%
basic = leavers(5_000, 2, service=0.10, moved=0.15).assign(plan="basic")
plus = leavers(5_000, 3, service=0.30, moved=0.15).assign(plan="plus")
plans = pd.concat([basic, plus])
test = cl.compare.gray(plans, by="plan").set_index("reason")["p_value"]
moves = plans.assign(event=plans["reason"] == "moved")
pace = cl.compare.logrank(moves, by="plan")["p_value"].iloc[0]
assert test.max() < 1e-30
round(float(pace), 2)

# %%
lost = cl.survival.incidence(plans, by="plan")
at_5 = lost[lost["duration"] <= 5].groupby(["reason", "plan"])[["estimate", "naive"]].last()
at_5.unstack().round(3)

# %%
_ = cl.plot.incidence(lost, kind="stacked", xlabel="years")

# %% [markdown]
# On `plus` only 30.4 % were lost to moving, on `basic` 44.3 %; Gray's test is as sure of that as a test can be (p below $10^{-30}$). Are the customers of `plus` more settled? They move at the same pace, and the log-rank test sees no difference (p = 0.64): they are taken by service before they can move. Both tests are right. *How many customers do we lose to moving?* is a question of shares: Gray. *Are the customers of one plan quicker to move?* is a question of pace: log-rank on that reason, and its picture is the column `naive`, 54.1 and 53.2 %: a use for it at last. And a reason that "got better" may only have been overtaken by another that got worse.
#
# ## The same call on a million contracts
#
# Five years of contracts again, generated, and one in ten of those who left was not asked.

# %%
million = cl.datasets.generate_leavers(
    1_000_000, seed=2, first_day="2020-01-01", window_days=1827, as_of="2025-01-01"
)
big = cl.spells.subscriptions_to_spells(million, as_of="2025-01-01", keep=["segment", "reason"])
result = cl.survival.incidence(big, by="segment")
lines = cl.ledger(result)
lines.loc[lines["stage"] == "incidence", ["unit", "fate", "rule", "n"]]

# %%
end = result[result["duration"] <= 1460].groupby(["reason", "segment"]).last()
process = {name: dict(part.reasons) for name, part in cl.datasets.LEAVER_SEGMENTS.items()}
expected = 0.9 * (1 - 0.75**4) * pd.DataFrame(process).stack()
known = end.drop(index="unknown", level="reason")
error = (known["estimate"] - expected.reindex(known.index)) / known["std_error"]
assert error.abs().max() < 3
tests = cl.compare.gray(big, by="segment").set_index("reason")
end["estimate"].unstack().join(tests[["statistic", "p_value"]]).round(3)

# %% [markdown]
# All sixteen shares lie within three standard errors of the process they were made by. Both segments lose a quarter of their customers per year, so no churn rate would tell them apart, and the reasons do: private customers leave for the price, businesses for service and the competitor. With so many customers every difference is beyond doubt, so read the shares and not the p values. One line is different: who was *not asked* does not depend on the segment (p = 0.85), as it was made.
#
# ## What you have learnt
#
# * Reasons compete: the first one rules the others out. Their incidences add up to all who left.
# * 1 − Kaplan–Meier per reason is too high and adds up to too much. It is no share of customers.
# * Taking a reason away saves less than it took; by how much rests on an assumption, and the bounds do not.
# * A missing reason is not a reason. Keep it in the table, and show the bounds.
# * Gray's test compares shares lost; the log-rank test on one reason compares its pace.
#
# | term | 中文 | |
# |---|---|---|
# | reason | 流失原因 | why a customer left |
# | competing risks | 竞争风险 | several reasons, of which the first to come rules the others out |
# | cumulative incidence | 累积发生率 | share of all customers lost for a reason by a duration |
# | Aalen–Johansen estimate | 阿伦–约翰森估计 | still there just before, times lost for the reason now, added up |
# | controllable | 可控 | the firm could have done something about it |
# | voluntary | 自愿 | the customer chose to leave |
# | damper effect | 阻尼效应 | what cannot be controlled takes part of those who were kept |
# | independent reasons | 原因相互独立 | who left for one would have left for the others like everyone else |
# | bounds | 上下界 | ends that hold whatever is assumed, chance aside |
# | Gray's test | 格雷检验 | whether groups lose the same share for a reason |
#
# ## Exercises
#
# Put your answer in place of the `...` and run the cell. Hints and solutions are folded; `q1.hint(2)` is a plainer hint.
#
# **1.** Six customers by hand.

# %%
q1 = cl.learn.exercise("12.1")
q1

# %%
answer = ...
q1.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q1.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q1.check(1 / 6 + 4 / 6 * 1 / 3 + 4 / 9 * 1 / 2)

# %% [markdown]
# **2.** Two reasons, three years.

# %%
q2 = cl.learn.exercise("12.2")
q2

# %%
answer = ...
q2.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q2.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q2.check(0.20 / 0.25 * (1 - np.exp(-0.25 * 3)))

# %% [markdown]
# **3.** What perfect service would save.

# %%
q3 = cl.learn.exercise("12.3")
q3

# %%
answer = ...
q3.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q3.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q3.check(np.exp(-0.05 * 3) - np.exp(-0.25 * 3))

# %% [markdown]
# **4.** A sheet of codes.

# %%
q4 = cl.learn.exercise("12.4")
q4

# %%
answer = ...
q4.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q4.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
sheet = pd.Series([1, 3, 3, 4, 2, 6, 5, 1, 4, 3])
interview = items[items["scheme"] == "lost_customer_call"].set_index("code")
q4.check(sheet.map(interview["controllable"]).fillna(False).mean())

# %% [markdown]
# **5.** The upper end.

# %%
q5 = cl.learn.exercise("12.5")
q5

# %%
answer = ...
q5.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q5.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
some = cl.datasets.generate_leavers(10_000, seed=7, as_of="2025-01-01")
some = cl.spells.subscriptions_to_spells(some, as_of="2025-01-01", keep="reason")
most = cl.survival.reason_bounds(some).query("reason == 'high_price' and duration <= 365")
q5.check(most["estimate_high"].iloc[-1])

# %% [markdown]
# **6.** Two tests, one reason.

# %%
q6 = cl.learn.exercise("12.6")
q6

# %%
answer = ...
q6.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q6.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q6.check("ad")

# %% [markdown]
# ## References
#
# * Braun and Schweidel (2011), *Marketing Science* 30(5), 881–902: the damper effect.
# * Gray (1988), *Annals of Statistics* 16(3), 1141–1154: the test; its numbers above are those of the R package cmprsk.
# * Keaveney (1995), *Journal of Marketing* 59(2), 71–82: why customers of services switch, in eight categories.
# * Peterson (1976), *Proceedings of the National Academy of Sciences* 73(1), 11–13: the bounds without independence.
# * Articles of the course: 001 (reasons of the firm and of the customer), 003 (controllable or not, key accounts), 004 (eight reasons, workshop, interview, closed stations).
