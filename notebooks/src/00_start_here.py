# %% [markdown]
# # Start here: do they come back?
#
# **The question.** In the first quarter of 1997 the online shop CDNOW won thousands of new customers. How many of them came back, for how long, and could one have told from the first order who would?
#
# **The decision.** Where the next dollar goes: into winning more customers, into a second purchase of those just won, or into keeping the regulars.
#
# **You will learn**
#
# * to tell a whole retention story with ten churnlab calls;
# * what goes into such a story (events, a date up to which they are known, a rule for "lost") and what comes out (small tables and figures);
# * to ask of every result what was counted and what was left out;
# * what the course holds, and how to put the same questions to your own file.
#
# It is a quick walk. Other notebooks take it apart, by hand.

# %%
import pandas as pd

import churnlab as cl

# %% [markdown]
# ## 1. What is in the data?
#
# Real purchases of real customers come with churnlab. The catalogue lists the data sets (*sample*: made up by its publisher); these are the large ones.

# %%
catalogue = cl.datasets.catalogue()
catalogue.loc[catalogue["rows"] > 1_000, ["name", "rows", "origin"]]

# %%
purchases = cl.datasets.load("cdnow_transactions")
purchases.head(3)

# %% [markdown]
# An **event log**: one row for each thing a customer did. Here it is a purchase, with its day, the number of CDs and the dollars paid. Look before you count:

# %% tags=["figure"]
first = purchases.groupby("customer")["time"].min()
assert (len(purchases), len(first)) == (69_659, 23_570)
len(purchases), len(first), str(first.max().date()), str(purchases["time"].max().date())

# %% [markdown]
# 69,659 purchases by 23,570 customers. The last of them came in March 1997, so everyone arrived in the first quarter; all were followed to 30 June 1998. Hence `as_of="1998-07-01"` in every call: nothing at or after this instant is read.
#
# Two oddities deserve a decision first.

# %% tags=["figure"]
repeated, free = purchases.duplicated().sum(), (purchases["amount"] == 0).sum()
assert (repeated, free) == (255, 80)
int(repeated), int(free)

# %% [markdown]
# 255 rows repeat another one exactly, and 80 cost nothing. Two equal orders on one day may well be two orders, and an order that a voucher paid for is a sign of life. churnlab uses both and says so; it repairs nothing in silence.
#
# ## 2. Who came back, month by month?
#
# The **retention triangle** groups customers by the month of their first purchase, the *cohort*, and asks in which later months they bought again. *Age* counts months since the first.

# %%
triangle = cl.cohorts.retention(purchases, as_of="1998-07-01")
triangle.query("age in (1, 6, 12)")[["cohort", "age", "n_start", "n_active", "retention"]].round(3)

# %%
ax = cl.plot.retention(triangle)

# %% [markdown]
# Each row is a cohort with its number of customers, each cell the share that bought in that month, in percent. Of the 7,846 customers of January 15 % bought in February; half a year later 9 % are active in a month, a year later 7 %. The big fall is right at the beginning, and then the rows decline slowly. That is one message already: **the first month decides**.
#
# A triangle tells who was active in a month, not who has left: a customer may skip March and buy in April.
#
# ## 3. When is a silent customer lost?
#
# These customers have no contract and do not say goodbye. So "lost" has to be agreed on: silent for so many days. How many? Look at the pauses between two purchase days of customers who *did* come back.

# %%
visits = purchases[["customer", "time"]].drop_duplicates().sort_values(["customer", "time"])
pauses = visits.groupby("customer")["time"].diff().dt.days.dropna()
shorter = {days: (pauses < days).mean() for days in (60, 90, 180)}
pd.Series(shorter, name="share of pauses shorter").to_frame().round(2)

# %% [markdown]
# 60 days would be tempting, because it gives an answer soon; but of the pauses that ended with a purchase, only 64 % were shorter. The others would have been written off and walked in again. 90 days cover 74 %, 180 days 88 %. (The true shares are lower still: the longest pauses have not ended yet.) We take **180 days**: half a year is late to notice, but less often wrong. There is no right number, only a stated one.

# %%
spells = cl.spells.to_spells(purchases, inactivity=180, as_of="1998-07-01")
spells.frame.head(3)

# %% [markdown]
# One row per customer: a **spell** from the first purchase to the last one before the silence. `duration` is its length in days. `event` is true where the loss was seen; where it is false the customer was still there when we stopped looking. Such a spell is *censored*. It is neither dropped nor called a success; [notebook 11](11_survival_curves.ipynb) shows why.
#
# ## 4. What was counted?
#
# Every churnlab result keeps a **ledger**: what was read, what was used, what was excluded and under which rule.

# %%
cl.ledger(spells)[["unit", "fate", "rule", "n"]]

# %% [markdown]
# All rows and all customers are used. The 255 repeats are *noted*. And 5,193 spells were left out: customers who were silent for half a year or more and then came back. We follow everyone's *first* spell here. So lost does not mean lost for ever.
#
# ## 5. How long do they stay?

# %%
curve = cl.survival.kaplan_meier(spells)
ax = cl.plot.survival(curve, xlabel="days since the first purchase")
_ = ax.set_ylim(0, 0.5)

# %% [markdown]
# The **Kaplan–Meier curve** shows which share is still a customer after so many days. The table beneath tells on how many customers it rests. It falls below 40 % at once, because most spells end on the very day they began. (The axis stops at 50 %. The bend at day 180 is made by the rule: a spell of 180 days or more needs at least three purchase days.) To read a number off, take the last row at or before the day.

# %%
still = {day: curve[curve["duration"] <= day]["estimate"].iloc[-1] for day in (0, 30, 180, 360)}
pd.Series(still, name="still customers").rename_axis("day").to_frame().round(3)

# %%
round(float(still[180] / still[0]), 2)

# %% [markdown]
# Only 37 % bought again at all within half a year of their first day; 63 % came once. After half a year 13 % are still there: a third of those who came back.
#
# ## 6. Could one have told from the first order?
#
# We put a label on every customer, the number of CDs bought on the first day, carry it along with `keep`, and ask for one curve per label with `by`.

# %%
on_first_day = purchases["time"] == purchases["customer"].map(first)
cds = purchases[on_first_day].groupby("customer")["quantity"].sum()
label = pd.cut(cds, [0, 1, 3, 99], labels=["1 CD", "2 or 3 CDs", "4 CDs or more"]).astype(str)
labelled = purchases.assign(first_order=purchases["customer"].map(label))
label.value_counts().to_frame()

# %%
grouped = cl.spells.to_spells(labelled, inactivity=180, as_of="1998-07-01", keep="first_order")
curves = cl.survival.kaplan_meier(grouped, by="first_order")
ax = cl.plot.survival(curves, xlabel="days since the first purchase")
_ = ax.set_ylim(0, 0.5)

# %%
early = curves[curves["duration"] <= 180].groupby("first_order")
early["estimate"].agg(["first", "last"]).round(3).set_axis(["day 0", "day 180"], axis=1)

# %% [markdown]
# The more CDs in the first order, the more customers come back, and the longer they stay. After half a year the share among those who began with four CDs or more is about twice that of those who began with one.
#
# ## 7. What may a manager decide?
#
# * **Work on the second purchase.** Nearly two thirds are lost after the first, more than in all the months that follow.
# * **Begin where it is likely to pay.** The first order is known on the first day, and it sorts customers well.
# * **Do not conclude that big first orders *make* people loyal.** Keen buyers place big orders and come back. Whether a nudge keeps anybody must be tried by lot.
# * **Do not carry these numbers over** to another shop: the data hold one quarter's newcomers of one shop.
#
# ## The course
#
# | | notebook | |
# |---|---|---|
# | 00 | Start here | |
# | 01 | [Churn rate](01_churn_rate.ipynb) | how many did we lose? |
# | 02 | [Cohort retention](02_cohort_retention.ipynb) | how many came back? |
# | 03 | [Projecting retention](03_projecting_retention.ipynb) | how many will stay? |
# | 04 | [Revenue retention](04_revenue_retention.ipynb) | did revenue hold? |
# | 11 | [Survival curves](11_survival_curves.ipynb) | |
# | 12 | [Why they leave](12_why_they_leave.ipynb) | |
# | 21 | [Customer Churn Index](21_cci_matrix.ipynb) | |
# | 22 | [Ten methods](22_one_table_ten_methods.ipynb) | |
# | 23 | [To a million](23_from_one_customer_to_a_million.ipynb) | |
# | 24 | [Sure ranking](24_how_sure_is_the_ranking.ipynb) | how sure? |
# | 31 | [Money](31_what_a_lost_customer_costs.ipynb) | what do lost customers cost? |
# | 36 | [Concept review](36_concept_review.ipynb) | |
# | 90 | [Your own data](90_your_data.ipynb) | |
# | 91 | [Casebook](91_casebook.ipynb) | |
# | 92 | [Other tools](92_other_tools.ipynb) | |
#
# ## Your own file
#
# Your columns have other names? Each role of a column is an argument of the same name: `customer`, `time`, `amount`. Suppose your file calls them so:

# %%
mine = purchases.rename(columns={"customer": "client_no", "time": "bought on"})
own = cl.spells.to_spells(
    mine,
    customer="client_no",
    time="bought on",
    inactivity=180,
    as_of="1998-07-01",
)
assert own.frame.equals(spells.frame)

# %% [markdown]
# In place of the frame you may give a path, as in `to_spells("orders.csv", …)` or `to_spells("orders.parquet", …)`. The file is counted where it lies and never loaded as a whole. What cannot be understood is named, with its column and number of rows.
#
# ## What you have learnt
#
# * Log, `as_of` and a stated rule for "lost": that is all it takes.
# * Triangle for rhythm, survival curve for length of stay, ledger for honesty.
# * A difference between groups is where thinking starts, not where it ends.
#
# | term | 中文 | |
# |---|---|---|
# | customer churn | 客户流失 | customers leaving |
# | retention | 客户保持 | customers staying or coming back |
# | event log | 事件日志 | one row per thing a customer did |
# | cohort | 同期群 | customers who began in the same period |
# | spell | 存续期 | time from the start to the loss of a customer |
# | censored | 删失 | the loss was not seen while we looked |
# | survival curve | 生存曲线 | share still customers after each duration |
# | ledger | 台账 | what was used, what was excluded, and why |
#
# ## Exercises
#
# Put your answer in place of the `...` and run the cell. Hints and solutions are folded.
#
# **1.** Once and never again.

# %%
q1 = cl.learn.exercise("00.1")
q1

# %%
answer = ...
q1.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q1.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q1.check(1 - curve["estimate"].iloc[0])

# %% [markdown]
# **2.** Reading a triangle.

# %%
q2 = cl.learn.exercise("00.2")
q2

# %%
answer = ...
q2.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q2.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
february = triangle[(triangle["cohort"] == pd.Timestamp("1997-02-01")) & (triangle["age"] == 1)]
q2.check(february["retention"].iloc[0])

# %% [markdown]
# **3.** Reading a ledger.

# %%
q3 = cl.learn.exercise("00.3")
q3

# %%
answer = ...
q3.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q3.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q3.check(cl.ledger(spells).set_index("rule")["n"]["later_spell"])

# %% [markdown]
# **4.** Another rule, another answer. How much of the message survives it?

# %%
q4 = cl.learn.exercise("00.4")
q4

# %%
answer = ...
q4.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q4.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
sooner = cl.spells.to_spells(purchases, inactivity=90, as_of="1998-07-01")
q4.check(1 - cl.survival.kaplan_meier(sooner)["estimate"].iloc[0])

# %% [markdown]
# ## References
#
# * The data: every customer of CDNOW whose first purchase fell in the first quarter of 1997, collected for Peter Fader and Bruce Hardie, as redistributed with the Python package Lifetimes. `cl.datasets.catalogue()` tells the source and the licence of every data set.
# * Fader, Hardie and Lee (2005), *Marketing Science* 24(2), 275–284: a model of customers who leave in silence, shown on a tenth of these customers.
