# %% [markdown]
# # Did we grow, or did we only replace what leaked? Recurring revenue and its movements
#
# **The question.** Contracts brought 310 a month when April began and 320 when it ended. "We grew by 3 %," says the report. Did somebody pay more, did somebody come, and how much had gone meanwhile?
#
# **The decision.** Whether the next money goes into sales or into keeping and widening what is there. A firm that fills a leaking bucket looks, from a distance, like one that grows.
#
# **You will learn**
#
# * what recurring revenue is, and why a sum of invoices is something else;
# * the five ways in which it moves, and that they must add up;
# * how a renewal becomes a loss that never happened, and how a month without churn disappears;
# * net, gross and logo retention and the quick ratio, and what each of them hides;
# * how to get all of it from a table of contracts, with two calls, also by the cohort of the first contract;
# * how much next year may bring, with limits, and what such a forecast is better at than a rule of thumb.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import churnlab as cl

# %% [markdown]
# ## Meet the data
#
# Seven contracts of four customers. `amount` is what a contract brings per month; `start` is its first day, and `end` the first day on which it runs no more. A missing end is a contract that is still running. The four are invented, but each has a habit that real customers have. (A contract of 1,200 a year would stand here with 100. A fee for setting up, or a single day of training, is revenue but does not recur, and stays out.)

# %%
seven = pd.DataFrame(
    {"customer": ["Ada", "Ada", "Ben", "Ben", "Chen", "Chen", "Dora"],
     "start": ["2026-01-10", "2026-03-01", "2026-01-05", "2026-02-10",
               "2026-01-20", "2026-04-10", "2026-03-20"],
     "end": ["2026-03-01", None, None, "2026-04-11", "2026-02-15", None, None],
     "amount": [100, 130, 80, 40, 50, 50, 60]})  # fmt: skip
seven["start"], seven["end"] = pd.to_datetime(seven["start"]), pd.to_datetime(seven["end"])
seven

# %% [markdown]
# Ada renewed on the first of March, at a higher price: an upgrade. Ben took a second contract beside his first and gave it up again: two at once, then a downgrade. Chen left and restarted. Dora came later and simply stayed.
#
# ## By hand: who pays what when a month ends?
#
# **Recurring revenue** is a level, like the water in a bucket: what the running contracts bring per month. So look at it at the turns, when one month ends and the next begins. Run a finger down the contracts, once for each turn, and add up what every customer has running.

# %%
months = ["Jan", "Feb", "Mar", "Apr", "May"]
hand = pd.DataFrame(
    {"Ada": [100, 100, 130, 130, 130], "Ben": [80, 120, 120, 80, 80],
     "Chen": [50, 0, 0, 50, 50], "Dora": [0, 0, 60, 60, 60]}, index=months)  # fmt: skip
hand.assign(closing=hand.sum(axis=1)).T

# %% [markdown]
# Each column is the end of a month. Ada's first contract ended on 1 March and her second began on that day: she paid 100 up to the turn and 130 after it, and was a customer all the time. So February closes with 100, and the higher price is a movement of March. (A rule to remember: a customer who changes exactly at a turn changes in the month that begins; one who leaves altogether has left in the month that ends, whose last day was the last as a customer.)
#
# Now compare every customer with the month before. Five things can happen, and each has a name:
#
# * **new**: from nothing, and never a payer before;
# * **expansion**: more than before;
# * **contraction**: less, but not nothing;
# * **churned**: down to nothing;
# * **reactivation**: from nothing, but a payer in the past.

# %%
was = hand.shift(fill_value=0)
moves = pd.DataFrame({"was": was.unstack(), "now": hand.unstack()})
moves["before"] = was.cummax().unstack() > 0
moves["change"] = moves["now"] - moves["was"]
moves = moves[moves["change"] != 0].rename_axis(["customer", "month"]).reset_index()
from_nothing, to_nothing = moves["was"] == 0, moves["now"] == 0
grown = moves["change"] > 0
moves["kind"] = np.select(
    [from_nothing & moves["before"], from_nothing, to_nothing, grown],
    ["reactivation", "new", "churned", "expansion"], "contraction")  # fmt: skip
moves

# %% [markdown]
# Nine movements in five months. Laid out by month, and with a 0 where nothing happened:

# %%
kinds = ["new", "expansion", "contraction", "churned", "reactivation"]
by_hand = moves.pivot_table("change", "month", "kind", aggfunc="sum", fill_value=0)
by_hand = by_hand.reindex(index=months, columns=kinds, fill_value=0).rename_axis(columns=None)
by_hand

# %% [markdown]
# What is lost is written below zero. That makes the whole account a plain sum: opening plus the five movements is closing. April began with 310 and ended with 320, but 40 had leaked out, and it took Chen's return to replace them. May was quiet.

# %%
closing = hand.sum(axis=1)
assert (closing.diff().fillna(closing.iloc[0]) == by_hand.sum(axis=1)).all()
assert closing["Mar"] == 310 and closing["Apr"] == 320
closing.tolist(), by_hand.sum(axis=1).tolist()

# %% [markdown]
# ## The wrong ways first
#
# *Add up the invoices.* The bank account knows best, does it not? Let Dora pay her first year in advance, twelve times 60 in March, and the others month by month.

# %%
invoices = (closing - hand["Dora"]).add(pd.Series({"Mar": 12 * 60}), fill_value=0)
invoices[months].astype(int).tolist()

# %% [markdown]
# From 970 in March to 260 in April: a catastrophe in the accounts, and no customer noticed anything. Invoices say when money moves; recurring revenue says what is running.
#
# *Add what was signed, subtract what was cancelled.* A contract counts in the month of its first day, and its loss in the month of its last day.

# %%
last_day = seven["end"] - pd.Timedelta(days=1)
signed = seven.groupby(seven["start"].dt.month)["amount"].sum()
cancelled = seven.groupby(last_day.dt.month)["amount"].sum()
wrong = pd.DataFrame({"signed": signed, "cancelled": cancelled}).fillna(0)
wrong.set_axis(months[:4]).astype(int)

# %% [markdown]
# February: 150 cancelled of the 230 it opened with. But 100 of these are Ada's renewal, which comes back a day later within the 190 "signed" in March. She neither left nor came, yet this report shows both. And Chen, who was won back, looks like any stranger: the question whether winning back pays can never be asked.

# %%
share = wrong["cancelled"] / [1, 230, 220, 310]
round(float(share[2]), 3), round(50 / 230, 3)

# %% [markdown]
# 65.2 % lost instead of 21.7 %. The more contracts turn over on the first of a month, as most do, the worse it gets.
#
# *Join the months with the losses.* A query that groups the churned revenue by month has no row where nobody churned. Joined to the openings, those months vanish:

# %%
losses = moves[moves["kind"] == "churned"].groupby("month")["change"].sum()
opening = was.sum(axis=1).rename("opening")
joined = opening.to_frame().join(losses.rename("churned"), how="inner")
joined

# %% [markdown]
# One month of five is left, as if every month were like February. A left join keeps the others, but with holes, and a mean steps over holes:

# %%
holes = opening.to_frame().join(losses.rename("churned"), how="left").iloc[1:]
float(holes["churned"].mean()), float(holes["churned"].fillna(0).mean())

# %% [markdown]
# 50 a month, or 12.5? The second: a month without churn is a 0 that must be written down.
#
# ## One call, equal to the hand result
#
# `cl.revenue.movements` takes the contracts. `as_of` is the instant up to which the records are complete, itself excluded. The columns of money end in `_mrr`, for *monthly recurring revenue*; the others count customers.

# %%
table = cl.revenue.movements(seven, as_of="2026-06-01")
for kind in kinds:
    assert table[f"{kind}_mrr"].tolist() == by_hand[kind].tolist()
assert table["closing_mrr"].tolist() == closing.tolist()
table.set_index("period_start").T.astype(int).set_axis(months, axis=1)

# %% [markdown]
# The quiet May is there, with its zeros. And the identity holds, not nearly but exactly: the call adds money in whole ten-thousandths, so nothing is lost in rounding.

# %%
moved = table[[f"{kind}_mrr" for kind in kinds]].sum(axis=1)
assert (table["opening_mrr"] + moved == table["closing_mrr"]).all()
assert (table["opening_mrr"].iloc[1:].values == table["closing_mrr"].iloc[:-1].values).all()
moved.tolist()

# %% [markdown]
# ## Read the picture

# %%
with cl.plot.style():
    fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    up, down = np.zeros(5), np.zeros(5)
    for kind, colour in zip(kinds, ["C0", "C2", "C1", "firebrick", "C4"], strict=True):
        height = table[f"{kind}_mrr"].to_numpy()
        ax.bar(months, height, 0.6, bottom=np.where(height > 0, up, down), color=colour, label=kind)
        up, down = up + height.clip(min=0), down + height.clip(max=0)
    ax.plot(months, table["closing_mrr"], "ko-", label="closing")
    ax.axhline(0, color="black", linewidth=0.8)
    ax.set(ylabel="revenue per month", ylim=(-70, 350))
    ax.legend(ncols=3, loc="upper left", bbox_to_anchor=(0, 1.28))

# %% [markdown]
# The black line is what the report shows. The bars are why. February fell although Ben took a second contract; March grew from two sources; April grew although it leaked. The question of the title is a look below the zero line: a company that replaces what leaked has long bars on both sides and a flat line.
#
# ## Four rates, by hand and by call
#
# February opened with 230; 40 were added by customers of the opening and 50 were lost.

# %%
net, gross = (230 + 40 - 50) / 230, (230 - 50) / 230
logo, quick = (3 - 1) / 3, 40 / 50
[round(rate, 3) for rate in (net, gross, logo, quick)]

# %%
rates = cl.revenue.retention(table)
assert np.allclose(rates.iloc[1, 1:].astype(float), [net, gross, logo, quick])
rates.round(3)

# %% [markdown]
# * **Net revenue retention**: what the customers of the opening pay at the close, over what they paid at the opening. Expansion counts, new and reactivated revenue does not.
# * **Gross revenue retention**: the same without expansion. It never exceeds 100 %; it measures the leak.
# * **Logo retention**: customers kept, each counted as one, whatever they pay.
# * **Quick ratio**: all that was won over all that was lost. Below 1 the bucket empties. (Accountants use the same words for liquid assets over short-term debts: another ratio.)
#
# January opened with nobody and so has no retention; in March and May nothing was lost and there is no quick ratio. They are missing, not zero and not infinite. April's net retention is 87.1 % although revenue grew: the growth was Chen, who was not there at the opening.
#
# ### Net above 100 % hides churn
#
# Ten customers pay 100 each. In February three of them leave, and two take a second contract of 200.

# %%
names = [f"customer {i}" for i in range(10)]
ten = pd.DataFrame({"customer": names, "start": pd.Timestamp("2026-01-10"), "amount": 100})
ten["end"] = pd.to_datetime(pd.Series(["2026-02-15"] * 3 + [None] * 7))
extra = ten.tail(2).assign(start=pd.Timestamp("2026-02-20"), amount=200)
both = pd.concat([ten, extra])
of_ten = cl.revenue.retention(cl.revenue.movements(both, as_of="2026-03-01")).iloc[1]
assert np.allclose(of_ten.iloc[1:].astype(float), [1.1, 0.7, 0.7, 4 / 3])
of_ten.iloc[1:].astype(float).round(2)

# %% [markdown]
# 110 % net, and a quick ratio above 1: champagne. But three of ten have gone, and the two who grew now bring more than half:

# %%
2 * 300, 7 * 100 + 2 * 200, round(600 / 1_100, 3)

# %% [markdown]
# Should one of these two leave next month, 300 of 1,100 leave with it. Net retention alone would have warned nobody. Show gross and logo beside it, always.
#
# ### The link to the churn rate
#
# Logo retention is an old acquaintance. [Notebook 01](01_churn_rate.ipynb) counts customers lost from the opening cohort; with the same contracts the counts agree.

# %%
churn = cl.rates.churn_rate(seven, as_of="2026-06-01")
assert table["opening"].tolist() == churn["opening"].tolist()
assert table["lost"].tolist() == churn["lost"].tolist()
pd.DataFrame({"lost": churn["lost"], "churn": churn["rate"], "logo": rates["logo_retention"]})

# %% [markdown]
# The two columns add up to 1. Logo retention comes without limits; the churn rate brings its own, and so few customers need them.
#
# ## The same call on many contracts
#
# Now generated data: 300,000 contracts of a stated process, each with a monthly probability of ending of its own and the price of one of two plans. We deal them out at random to 100,000 customers, so that there are restarts, second contracts and gaps.

# %%
contracts = cl.datasets.generate_subscriptions(300_000, seed=1, as_of="2025-01-01")
dealt = np.random.default_rng(1).integers(0, 100_000, len(contracts))
contracts["customer"] = pd.Series(dealt, contracts.index).astype("str")
contracts.groupby("plan")["amount"].agg(["size", "first"])

# %%
large = cl.revenue.movements(contracts, as_of="2025-01-01", by="plan")
of_large = cl.revenue.retention(large)
december = of_large["period_start"] == "2024-12-01"
of_large[december].drop(columns="period_start").round(3)

# %% [markdown]
# `by` puts every customer into the group of the first contract, so that one who moves from a small plan to a large one is an expansion of the small group, and not a loss here and a newcomer there. Who started small has the most room to grow, and the net retention says so.
#
# Both groups are above 100 % net, as the ten customers were, and the gross retention shows the leak: 3.7 and 3.4 % of the revenue in a month. Only 1.5 and 1.2 % of the customers left. Where did the rest leak? Look at the two kinds of loss side by side:

# %%
year = large[large["period_start"] >= "2024-01-01"]
sums = year.groupby("plan")[[f"{kind}_mrr" for kind in kinds]].sum() / 1e6
stayed = sums["contraction_mrr"] / (sums["contraction_mrr"] + sums["churned_mrr"])
assert stayed.between(0.74, 0.78).all()
sums.round(2)

# %% [markdown]
# Millions, over the year 2024. About three quarters of what was lost is contraction: contracts given up by customers who keep another. A report that knows only who left would miss most of the leak, and a report of contracts would call all of it churn. Here it came out of our dealing at random; in your firm it may be the first sign of a farewell.
#
# Did these two groups grow, or did they replace? A quick ratio of the year, from the sums and not from a mean of monthly ratios:

# %%
won = sums[["new_mrr", "expansion_mrr", "reactivation_mrr"]].sum(axis=1)
lost = -sums[["contraction_mrr", "churned_mrr"]].sum(axis=1)
(won / lost).round(2)

# %% [markdown]
# And the ledger: what was read, what was used, and who does not appear. (Chance gave no contract to some of the 100,000; they are not customers.)

# %%
ledger = cl.ledger(large)
assert ledger["n"].iloc[0] == len(contracts)
ledger[["unit", "rule", "n", "meaning"]]

# %% [markdown]
# `between_turns` counts customers who came and went between two turns of a month. They paid, but no turn saw them. When they are many, choose another period.
#
# ## Who grows? Revenue by the cohort of the first contract
#
# One net retention for everybody is a mean over customers of very different age. `cohort` puts each customer into the period of the first contract. Nothing is lost on the way: the cohorts add up to the whole, exactly.

# %%
cohorts = cl.revenue.movements(contracts, as_of="2025-01-01", cohort="quarter")
by_month = [frame.groupby("period_start")["closing_mrr"].sum() for frame in (cohorts, large)]
assert np.allclose(by_month[0], by_month[1], rtol=0, atol=1e-4)
december = cohorts[cohorts["period_start"] == "2024-12-01"]
of_cohorts = cl.revenue.retention(december).drop(columns="period_start")
of_cohorts["mrr_each"] = (december["opening_mrr"] / december["opening"]).to_numpy()
of_cohorts.set_index("cohort").round(3)

# %% [markdown]
# December 2024, oldest cohort first. Down the first column the news gets better and better: customers of the autumn grow by 6.0 % in a month, the oldest by 1.3 %. Down the second and third it gets worse, nearly step by step: the autumn leaks 5.0 % of its revenue and loses 4.9 % of its customers, the oldest 3.3 % and 1.0 %.
#
# Both are true, and neither is a change of fortune. The youngest bring 34 each (`mrr_each`), which is mostly a single contract: its end loses the customer, a second one doubles the revenue. The oldest bring 74 from several contracts, and those that were likely to end have ended. So the net retention of the whole firm would fall if fewer newcomers came, with every customer behaving as before. Compare cohorts at the same age, and net retention never without gross.
#
# ## How much next year?
#
# The budget needs a number for a year that nobody has seen. We make a firm of plain contracts, one per customer, whose future we do know, and hide everything from 2025 on. How many came per month in 2024?

# %%
future = cl.datasets.generate_subscriptions(12_000, window_days=1096, seed=1)
known = cl.datasets.generate_subscriptions(12_000, window_days=1096, seed=1, as_of="2025-01-01")
assert set(known["customer"]) == set(future["customer"][future["start"] < "2025-01-01"])
before = cl.revenue.movements(known, as_of="2025-01-01").tail(12)
before["new"].agg(["mean", "std"]).round(1)

# %% [markdown]
# `cl.forecast.revenue` lets those who are here now leave as their age says, by the model of [notebook 03](03_projecting_retention.ipynb), each with what they pay now. Newcomers come only as *stated*: we plan 333 per month, as many as in 2024, give or take 16. Without `inflow` nobody would come, and the forecast would be that of a firm that closed its shop.

# %%
wide, narrow = (
    cl.forecast.revenue(known, as_of="2025-01-01", ahead=12, inflow=333, inflow_sd=16, level=level)
    for level in (0.95, 0.80)
)
came = cl.revenue.movements(future, as_of="2026-01-01").tail(12)
happened = came["closing_mrr"].to_numpy()
above = [(happened > limits["conf_high"]).sum() for limits in (wide, narrow)]
assert above == [0, 5] and (happened > narrow["conf_low"]).all()
assert round(came["new"].mean()) == 340
wide.assign(happened=happened).drop(columns="ahead").iloc[[0, 5, 11]].round(-2)

# %%
with cl.plot.style():
    fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
    ax.plot("period_start", "closing_mrr", "k", data=before.tail(6), label="known")
    for limits, alpha, name in ((wide, 0.25, "95 % limits"), (narrow, 0.5, "80 % limits")):
        shade = {"color": "C0", "linewidth": 0, "alpha": alpha, "label": name}
        ax.fill_between("period_start", "conf_low", "conf_high", data=limits, **shade)
    ax.plot("period_start", "estimate", data=wide, color="C0", label="forecast")
    ax.plot("period_start", "existing", "--", data=wide, color="C1", label="without newcomers")
    ax.plot(wide["period_start"], happened, "k.", label="what happened")
    ax.set(ylabel="revenue per month", xticks=pd.date_range("2024-07", "2025-12", freq="3MS"))
    ax.yaxis.set_major_formatter("{x:,.0f}")
    ax.legend(loc="center right")

# %% [markdown]
# The black points were hidden from the forecast. All twelve stay within the 95 % limits; five lie above the 80 % limits. These are hardly five surprises, rather one: 340 newcomers came per month instead of 333, and a year that runs ahead stays ahead.
#
# Look at the dashed line before you sign the budget: nearly half of the revenue of next December is to come from customers who are not here yet. And the limits know nothing of a new price, a crisis or a new competitor: they suppose that the months to come resemble those we saw.
#
# ### Is it worth the trouble?
#
# The naive rule is quick: lose everybody alike, at last month's churn rate. `cl.forecast.backtest` makes the forecasts as they would have been made at six past dates, and holds them against what came. The true newcomers are given to all, so only the staying is judged.

# %%
counts = cl.renewals.cohort_counts(known, as_of="2025-01-01")
past = cl.forecast.backtest(counts, ahead=12, origins=6)
past["miss"] = past["error"].abs()
at_12 = past[past["ahead"] == 12].pivot(index="back", columns="model", values="miss")
assert (at_12["sbg"] < at_12["last_churn"]).tolist().count(True) == 5
assert past["covered"].dropna().tolist() == [True] * 72
past[past["ahead"].isin([1, 6, 12])].pivot_table("miss", "model", "ahead", sort=False).round(4)

# %% [markdown]
# The numbers are mean misses, without their sign. A month ahead it hardly matters what you do: 0.23 against 0.31 %. Half a year ahead the naive rule (`last_churn`) misses 1.76 % where the model (`sbg`) misses 0.75; a year ahead 3.33 against 1.46. Worst is `pooled_churn`, the average of the whole past, with 5.67: it treats old customers like young ones. What is gained is about two points of a year's forecast, and limits, which a rule of thumb does not have.
#
# Now the small print. At one of the six dates the naive rule came closer. Six neighbouring dates share most of what happened, so that 72 of 72 outcomes within the limits are no 72 tests. And these contracts were made by a process much like the model. In your firm prices change and competitors open; run the backtest on your own contracts, and take the rule of thumb if it wins.
#
# ## What you have learnt
#
# * Recurring revenue is a level. Compare each customer at two turns of the month, and five movements explain the difference, exactly.
# * Contracts are not customers: a renewal is neither churn nor new.
# * Write the zeros.
# * Net retention may pass 100 % while customers run away; gross and logo retention cannot.
# * Add first, then divide.
# * Net retention flatters the young. Look at cohorts, and at gross beside net.
# * A forecast states its newcomers, shows its limits, and is tried on the past.
#
# | term | 中文 | |
# |---|---|---|
# | recurring revenue | 经常性收入 | what the running contracts bring per month |
# | expansion | 增购 | a customer pays more than before |
# | contraction | 降级 | a customer pays less, but still pays |
# | churned | 流失 | a customer pays nothing any more |
# | reactivation | 重新激活 | a former customer pays again |
# | net revenue retention | 净收入留存率 | opening revenue with expansion and losses, over opening |
# | gross revenue retention | 总收入留存率 | the same without expansion |
# | logo retention | 客户数留存率 | share of the customers kept |
# | quick ratio | 速动比率(SaaS) | revenue won over revenue lost |
# | cohort | 同期群 | customers who began in the same period |
# | forecast | 预测 | revenue of the months to come, with the range it may fall in |
# | backtest | 回测 | a forecast made from what was known at a past date, held against what came |
#
# ## Exercises
#
# Put your answer in place of the `...` and run the cell. Hints and solutions are folded.
#
# **1.** A month of a software firm.

# %%
q1 = cl.learn.exercise("04.1")
q1

# %%
answer = ...
q1.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q1.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q1.check((50_000 + 4_000 - 1_500 - 3_500) / 50_000)

# %% [markdown]
# **2.** What leaked?

# %%
q2 = cl.learn.exercise("04.2")
q2

# %%
answer = ...
q2.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q2.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q2.check((200 * 100 - 20 * 100 - 30 * 20) / (200 * 100))

# %% [markdown]
# **3.** One day too late. Change a copy of `seven`.

# %%
q3 = cl.learn.exercise("04.3")
q3

# %%
answer = ...
q3.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q3.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
late = seven.copy()
late.loc[1, "start"] = pd.Timestamp("2026-03-02")
q3.check(cl.revenue.movements(late, as_of="2026-06-01")["churned_mrr"].iloc[1])

# %% [markdown]
# **4.** Four months in one ratio.

# %%
q4 = cl.learn.exercise("04.4")
q4

# %%
answer = ...
q4.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q4.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
four = by_hand.iloc[1:].sum()
q4.check((four["new"] + four["expansion"] + four["reactivation"]) / 90)

# %% [markdown]
# **5.** On contracts of your own making.

# %%
q5 = cl.learn.exercise("04.5")
q5

# %%
answer = ...
q5.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q5.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
small = cl.datasets.generate_subscriptions(10_000, seed=7, as_of="2025-01-01")
kept = cl.revenue.retention(cl.revenue.movements(small, as_of="2025-01-01"))
q5.check(kept.set_index("period_start")["gross_retention"]["2024-06-01"])

# %% [markdown]
# **6.** Two renewals ahead. Begin with pencil and paper, as in notebook 03, and let `cl.forecast.customers` confirm it.

# %%
q6 = cl.learn.exercise("04.6")
q6

# %%
answer = ...
q6.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q6.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
thousand = pd.DataFrame({"age": [0, 1, 2], "customers": [1_000, 700, 560]})
q6.check(cl.forecast.customers(thousand, ahead=2)["estimate"].iloc[-1])

# %% [markdown]
# ## References
#
# * Fader and Hardie (2007), How to project customer retention, *Journal of Interactive Marketing* 21(1), 76–90, doi 10.1002/dir.20074: the model behind the forecast.
