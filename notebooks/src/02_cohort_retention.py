# %% [markdown]
# # Of those who came, how many came back? Cohorts and what counts as returning
#
# **The question.** In March 1997 a shop won 7,248 customers. How many of them came back in the month after? By one definition 14 %, by the default of one well-known tool 19 %, by those of two others 51 %. The log is the same. Beside it hangs a report in which last month's newcomers came back to exactly 0.0 %.
#
# **The decision.** Are the customers we win now better than those we won last year? Did the new welcome letter work? Whom should somebody call? All three begin at one table, the retention triangle, and go wrong in the same few places. (The triangle shows who came back after the letter. Whether *because* of it, only a trial tells: [notebook 01](01_churn_rate.ipynb) has one.)
#
# **You will learn**
#
# * to build the triangle by hand, and why its newest cells must stay empty;
# * what is left open by the words "came back", and how far the answers lie apart;
# * which mean over cohorts to report, and which one only seems to fall;
# * why a share may rise afterwards although nobody changes the past;
# * how the triangle and the survival curve belong together, and which to use when;
# * to get money, sign-ups and a list of names from the same grid.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import churnlab as cl

# %% [markdown]
# ## Meet the data
#
# Four customers, seven purchases, as they were known when 15 March 2026 began. Half of March is still to come.

# %%
four = cl.datasets.load("four_customers")
four

# %% [markdown]
# ## By hand
#
# A **cohort** is a group that began together, here in the same calendar month: customers 1 and 2 in January, 3 in February, 4 in March. (The *opening cohort* of notebook 01 is wider: everyone present when a period opens, whenever they came.) **Age** counts months since that first one, which has age 0. So give every purchase its cohort and its age, and count different customers.

# %%
month = four["time"].dt.to_period("M")
cohort = month.groupby(four["customer"]).transform("min").rename("cohort")
age = (month - cohort).map(lambda gap: gap.n).rename("age")
seen = four.groupby([cohort, age])["customer"].nunique().unstack()
seen

# %% [markdown]
# January began with two, and both bought in February: 2 of 2. In March one of them has bought so far. Where the table is empty nobody was seen, and that is all it says.
#
# ## The wrong way first
#
# A share is asked for, and a table with holes looks unfinished. So the usual recipe fills them with 0 and divides by the first column.

# %%
tempting = seen.fillna(0).div(seen[0], axis=0)
tempting

# %% [markdown]
# February's newcomers came back to 0.0 %? There are three sorts of "not yet" in this table, all printed as results:
#
# 1. *under way, and nobody so far*: February's month of age 1 is March, and half of it is still to come;
# 2. *not begun*: below it, March's month of age 1 is April;
# 3. *under way, and some so far*: January's 0.5 at age 2 is what two weeks brought.
#
# The mean over the column turns them into a message:

# %%
float(tempting[1].mean()), float(tempting.loc["2026-01", 1])

# %% [markdown]
# 33 % come back in the month after, says the mean. Of the only cohort for which that month is over, all came back.
#
# ## One call, equal to the hand result
#
# `as_of` is the instant up to which the log is complete, itself excluded.

# %%
triangle = cl.cohorts.retention(four, as_of="2026-03-15")
grid, over = triangle.pivot(index="cohort", columns="age"), triangle[triangle["mature"]]
assert (grid["n_seen"].fillna(0).to_numpy() == seen.fillna(0).to_numpy()).all()
by_hand = [tempting.iloc[0, 0], tempting.iloc[0, 1], tempting.iloc[1, 0]]
assert over["retention"].tolist() == by_hand
triangle[["cohort", "age", "n_start", "n_eligible", "n_active", "n_seen", "retention", "mature"]]

# %% [markdown]
# The counts are ours. What differs is what may be divided:
#
# * `n_start`: how many the cohort began with;
# * `n_eligible`: for how many of these the whole period is over, so that their return could have been seen;
# * `n_active`: how many of the eligible came back; `retention` is `n_active / n_eligible`;
# * `n_seen`: who was seen so far, over or not; a cell in progress has this number and no rate;
# * `mature`: whether the period is over for everyone.
#
# A cell that has not begun has no row. And a zero exists as well, once a month has ended without anybody:

# %%
later = cl.cohorts.retention(four, as_of="2026-05-01")
february = later[later["cohort"] == "2026-02-01"]
february[["age", "n_eligible", "n_active", "retention", "conf_high"]]

# %% [markdown]
# Now 0.0 is a finding, though of one customer: the upper 95 % limit of 79 % (`conf_high`; notebook 01 explains limits) says how much it is worth.
#
# ## Read the picture

# %%
ax = plt.subplots(figsize=(4.2, 2.1), layout="constrained")[1]
ax = cl.plot.retention(triangle, ax=ax)

# %% [markdown]
# On colour a number is a percentage, and the period is over; on grey hatching it is a count, the customers seen so far. The **right edge** of a triangle is always such a staircase.
#
# Now real customers: the newcomers of CDNOW, an online shop, as an analyst could have seen them on 1 October 1997. This time on the **rolling clock** (`elapsed`): ages are months of 30 days from each customer's own first day, so that a cohort's period ends for one customer after the other.

# %%
cdnow = cl.datasets.load("cdnow_transactions")
rolling = cl.Period("month", clock="elapsed")
autumn = cl.cohorts.retention(cdnow, period=rolling, as_of="1997-10-01")
ax = cl.plot.retention(autumn)

# %% [markdown]
# Read it in three directions.
#
# * A **row** is a cohort growing older. Its great fall is the first step, and the colours hide it: the scale stops at the largest later share, so that 100 and 14 look alike.
# * A **column** is an age, the place to compare cohorts: 14, 13, 13 at age 1.
# * A **diagonal**, from the upper right to the lower left, is a time of the calendar. The three pale 7s, at ages 7, 6 and 5, fall in August and September 1997. Bad cohorts, bad ages, or a bad time?

# %%
buyers = cdnow.groupby(cdnow["time"].dt.to_period("M"))["customer"].nunique()
buyers["1997-05":"1997-09"].to_frame("buyers").T

# %% [markdown]
# A bad time, for all three cohorts at once: 2,180 buyers in July, 1,772 in August, 1,739 in September.
#
# Then there are two sorts of hatching: grey, where the period is over for nobody, and coloured, where it is over for some.

# %%
edge = autumn[(autumn["cohort"] == "1997-03-01") & (autumn["age"] >= 5)]
edge = edge.assign(so_far=edge["n_seen"] / edge["n_start"])
edge[["age", "n_start", "n_eligible", "n_active", "retention", "n_seen", "so_far"]].round(3)

# %% [markdown]
# Month 6 is over for 1,582 of the 7,248 customers of March, and 128 of *these* came back: 8.1 %. The 438 seen so far, divided by everyone, would be 6.0 %, too low. A **mature cell** is over for all.
#
# ## One log, many definitions
#
# "Came back on day 1" leaves more open than one thinks. Six people sign up on Monday, 5 January.

# %%
rows = {"Ada": ["05 23:45", "06 00:10"], "Ben": ["05 09:00", "06 10:00"],
        "Chen": ["05 12:00", "08 15:00"], "Dora": ["05 17:59", "06 17:00"],
        "Emma": ["05 08:00"], "Fang": ["05 10:00", "06 11:00", "07 11:30"]}  # fmt: skip
visits = pd.Series(rows, name="time").explode().rename_axis("customer").reset_index()
visits["time"] = pd.to_datetime("2026-01-" + visits["time"])

# %% [markdown]
# Who was **retained on day 1**? A `Rule` holds everything that can be decided in different ways. The rules of three well-known tools, as they document them, have names:
#
# | | came back | clock | who starts | besides |
# |---|---|---|---|---|
# | `amplitude` | on or after | rolling | every start | times rounded down |
# | `mixpanel` | on or after | rolling | every start | |
# | `posthog` | on | calendar | every start | everyone counts at age 0 |
#
# `cl.cohorts.customers` tells who stands behind a cell.

# %%
Rule = cl.cohorts.Rule
rules = {"on": Rule(), "on, rolling": Rule(clock="elapsed")}
rules |= {name: Rule.of(name) for name in ["on_or_after", "mixpanel", "amplitude", "posthog"]}
ask, day_1 = {"period": "day", "as_of": "2026-02-01"}, {"cohort": "2026-01-05", "age": 1}
members = {n: cl.cohorts.customers(visits, cell=day_1, rule=r, **ask) for n, r in rules.items()}
active = pd.DataFrame({n: m.frame.set_index("customer")["is_active"] for n, m in members.items()})
shown = active.replace({True: "yes", False: "–"})
shown.loc["day 1"] = active.mean().map("{:.0%}".format)
shown

# %% [markdown]
# One Monday, and everything from 33 to 83 %. Why?
#
# * **The clock.** Ada came back after 25 minutes, but midnight lay between. On the **calendar** clock that is day 1; on the **rolling** clock day 1 begins after 24 hours. Whoever signs up late in the evening and looks around a little longer has come back.
# * **The rounding.** Dora was away for 23 hours and one minute. Amplitude rounds times down to the hour first, from 17:00 to 17:00, and then it is a day.
# * **On, or on or after.** Chen came on Thursday. **On** asks for that very day; **on or after** (also called *unbounded*) counts whoever comes on that day or any later one.
# * **Who starts.** All three tools let everyone start anew in each period with a visit. Monday does not show it. All days together do:

# %%
curves = {
    n: cl.cohorts.pooled(cl.cohorts.retention(visits, rule=r, **ask)) for n, r in rules.items()
}
pd.DataFrame({n: c.loc[1, ["n_eligible", "n_active", "retention"]] for n, c in curves.items()}).T

# %% [markdown]
# Six people, but twelve starts. This is no fault of the tools: the first question is about *newcomers*, the second about *visits* that are followed by another. But only one of them is yours. At full size, CDNOW's March and the month after, on calendar months where the rule does not say rolling:

# %%
names = ["on", "posthog", "on_or_after", "on_or_after, rolling", "mixpanel", "amplitude"]
rules["on_or_after, rolling"], march = Rule(returned="on_or_after", clock="elapsed"), {}
for name in names:
    table = cl.cohorts.retention(cdnow, rule=rules[name], as_of="1998-07-01")
    march[name] = table[(table["cohort"] == "1997-03-01") & (table["age"] == 1)].iloc[0]
pd.DataFrame(march).T[["n_start", "n_active", "retention"]].infer_objects().round(3)

# %% [markdown]
# From 14.2 to 51.4 %. By the rules of the tools March holds 9,524 customers, because those of January and February who bought in it start once more. That is why 51.4 is above 45.5 %: who has come back before does so more often. (The clock works the other way: newcomers alone, on the rolling clock, are at 44.0 %.) Amplitude's rounding changes nothing, because this log has dates and no hours.
#
# When single months say too little, join them. **Brackets** make one cell of several ages; who comes in several of them counts once. On calendar months:

# %%
joined = cl.cohorts.retention(cdnow, rule=Rule(brackets=(0, 1, 4, 13)), as_of="1998-07-01")
cl.cohorts.pooled(joined)[["age", "n_eligible", "n_active", "retention"]].round(3)

# %% [markdown]
# A quarter of all customers, 26 %, bought at least once in months 1 to 3.
#
# ## Which mean?
#
# Suppose that of ten users two came back, and of a hundred who started a day later none. With this example a user of PostHog asked for another mean than the simple one; by now the tool offers both.

# %% tags=["figure"]
rows = [(f"a{i}", 1) for i in range(10)] + [(f"b{i}", 2) for i in range(100)]
rows += [("a0", 2), ("a1", 2)]
users = pd.DataFrame(rows, columns=["customer", "day"])
users["time"] = pd.Timestamp("2026-01-04") + pd.to_timedelta(users["day"], unit="D")
days = cl.cohorts.retention(users, period="day", as_of="2026-01-08")
means = {m: cl.cohorts.pooled(days, mean=m).loc[1, "retention"] for m in ["simple", "weighted"]}
assert [round(100 * m, 1) for m in means.values()] == [10.0, 1.8]
pd.Series(means).round(3)

# %% [markdown]
# The **simple** mean lets every cohort count alike, however small; it answers "how was a typical cohort?". The **weighted** one lets every customer count alike: 2 of 110, 1.8 %. That is the **pooled** curve, and the only one of the two that has limits.
#
# The third mean is the tempting table from above, zeros filled in. Here it is for CDNOW in that autumn, on the rolling clock.

# %%
counts = autumn.pivot(index="cohort", columns="age", values="n_seen")
filled = counts.div(counts[0], axis=0).fillna(0).mean()
pooled = cl.cohorts.pooled(autumn)
shown = pooled.set_index("age").join(filled.rename("filled"), how="right")
shown["n_cohorts"] = shown["n_cohorts"].astype("Int64")
shown[["n_cohorts", "retention", "conf_low", "conf_high", "filled"]].round(3)

# %%
lines, pool = (table[table["age"] > 0] for table in (autumn, pooled))
with cl.plot.style():
    ax = plt.subplots(figsize=(4.8, 2.5), layout="constrained")[1]
    cl.plot.retention(lines, kind="curves", pooled=pool, ax=ax)
ax.plot(filled.loc[1:], "--", color="firebrick", label="zeros filled in")
ax.set(ylim=(0, 0.2), xlim=(0.8, 9.2), yticks=np.arange(0, 0.21, 0.05))
_ = ax.legend(loc="upper right", fontsize=8)

# %% [markdown]
# The dashed line falls to nothing, and a meeting is called. Nothing happened: it is the staircase. The black curve with its band ends where the last mature cell ends. Towards its end it rests on fewer cohorts (`n_cohorts`), and a calendar slump pulls it down as well: age 7 is January's pale cell alone.
#
# The opposite mixture has no cohorts at all. A hotel in article 001 stays full if a tenth of about 200,000 past guests return within a year, those of last year and of ten years ago alike. What becomes of such a share when nobody new comes? For CDNOW by the calendar month instead of the year, over everyone who ever came:

# %%
hotel = cl.casebook.table().set_index("id").loc["oriental-guests"]
assert hotel["inputs"] == "past_guests=200000;share=1/10"
whole = cl.cohorts.retention(cdnow, as_of="1998-07-01")
whole["month"] = whole["cohort"].dt.to_period("M").array + whole["age"].array
of_all = whole.groupby("month")[["n_active", "n_start"]].sum()
(of_all["n_active"] / of_all["n_start"]).loc[["1997-05", "1998-05"]].astype(float).round(3)

# %% [markdown]
# From 9.4 to 6.3 % in a year: the same customers, a year older. A share of everyone mixes ages. Ask by age.
#
# ## The right edge
#
# On 1 August 1997 an analyst reads the log, and on 1 July 1998 another one does. Same customers, same ages, calendar months again; what do they find?

# %%
reads = {}
for rule in ["on", "on_or_after"]:
    for as_of in ["1997-08-01", "1998-07-01"]:
        table = cl.cohorts.retention(cdnow, rule=rule, as_of=as_of)
        reads[rule, as_of] = cl.cohorts.pooled(table).set_index("age")["retention"]
pd.DataFrame(reads).loc[1:6].round(3)

# %%
both = pd.DataFrame(reads).loc[1:8].rename(columns=lambda name: name.replace("_", " "))
with cl.plot.style():
    ax = both.plot(style=["C0o", "C0-", "C1o", "C1-"], figsize=(4.6, 2.4))
    ax.lines[2].set(markersize=9, markerfacecolor="none")
    ax.set(xlabel="age (calendar months)", ylabel="retention", ylim=(0, 0.7))
    ax.yaxis.set_major_formatter("{x:.0%}")
    ax.legend([", ".join(name) for name in both.columns], title="read as of", fontsize=8, ncols=2)

# %% [markdown]
# **On** is final: at age 1 it is 14.9 % in both, and up to age 4, which was over for all three cohorts, they agree. (At 5 and 6 the early reading had fewer cohorts.) **On or after** rises: at age 4 from 15.2 to 37.2 %. In August, whoever was merely pausing looked lost; at the newest age nobody can be counted but those who came in that very month, and the two rules meet (the dot in its ring). So the newest cells of "on or after" always look worse than the older ones, and a falling curve at its right edge may be nothing but the edge. Compare cohorts only at the same distance from `as_of`: one reading per cohort, each with its own, such as `as_of=cohort + pd.DateOffset(months=12)`.
#
# ## The triangle holds the survival curve
#
# [Notebook 11](11_survival_curves.ipynb) follows every customer until silence says they are lost. How does that fit? Make 400 customers who come every month until they leave, without a pause: each month 15 in a hundred go.

# %%
rng = np.random.default_rng(4)
first, life = rng.integers(0, 18, 400), rng.geometric(0.15, 400)
months = pd.date_range("2024-01-01", periods=24, freq="MS")
came = [(i, m) for i in range(400) for m in months[first[i] : first[i] + life[i]]]
steady = pd.DataFrame(came, columns=["customer", "time"])

# %% [markdown]
# From one column of the triangle to the next, over the cohorts mature at the later one, a certain share goes on. Multiply these steps.

# %%
table = cl.cohorts.retention(steady, as_of="2026-01-01")
active = table.pivot(index="cohort", columns="age", values="n_active").astype(float)
before = active.shift(axis=1).where(active.notna())
product = (active.sum() / before.sum()).loc[1:].cumprod()
spells = cl.spells.to_spells(steady, inactivity=2, period="month", as_of="2026-01-01")
curve = cl.survival.kaplan_meier(spells).set_index("duration")["estimate"]
assert np.allclose(product.to_numpy()[curve.index], curve, atol=1e-12)
pd.DataFrame({"product": product.to_numpy()[:4], "Kaplan–Meier": curve.loc[:3]}).round(4)

# %% [markdown]
# Equal, to twelve digits at every duration. Why `inactivity=2`? Two months after April is June, with one whole month of silence between. Take somebody who comes from January to April, at ages 0 to 3. When May is over without them, they are lost at duration 3; on the same day January is mature at age 4, and both tables count them. Where nobody pauses, triangle and curve are one.
#
# Where customers pause, they part. CDNOW, half a year on, in calendar months, and in days for the curve:

# %%
half = {rule: reads[rule, "1998-07-01"][6] for rule in ["on", "on_or_after"]}
for silence in [180, 365]:
    spells = cl.spells.to_spells(cdnow, inactivity=silence, as_of="1998-07-01")
    lives = cl.survival.kaplan_meier(spells).query("duration <= 180")["estimate"]
    half[f"still there, lost after {silence} silent days"] = lives.iloc[-1]
pd.Series(half, name="after half a year").to_frame().round(3)

# %% [markdown]
# How can 33 % be seen from month 6 on, if only 13 % are still there? The silence rule writes off whoever pauses for 180 days, and many of those come back. The figure hangs on the rule: with 365 days it is 28 %. Three right answers to three questions:
#
# | you ask | use |
# |---|---|
# | how busy is a cohort in its month 6? | **on**: final once mature, but pausing and leaving are mixed |
# | how many were ever seen again from month 6? | **on or after**, read long after; never at the right edge |
# | how long do they stay, with many still here? | spells and Kaplan–Meier, with a stated silence |
#
# Contracts with a stated end have no such doubts: there use [notebook 01](01_churn_rate.ipynb) or [03](03_projecting_retention.ipynb).
#
# ## Money on the same grid
#
# Again on calendar months:

# %%
money = cl.cohorts.retention(cdnow, measure="money", as_of="1998-07-01")
money = money[(money["cohort"] == "1997-01-01") & money["age"].isin([0, 1, 6, 12])]
money = money.assign(per_head=money["value"] / money["n_seen"])
money[["age", "n_active", "value", "retention", "per_head"]].round(3)

# %% [markdown]
# In the month after, January's customers brought 20.4 % of their first month's money, though only 14.7 % of them came: 52.76 dollars a head against 38.12. Does returning make them spend more? Ask what the same people had spent in January.

# %%
cell = {"cohort": "1997-01-01", "age": 1}
first = cl.cohorts.customers(cdnow, cell=cell, as_of="1998-07-01").frame
spent = cdnow[cdnow["time"] < "1997-02-01"].groupby("customer")["amount"].sum()
first.merge(spent, on="customer").groupby("is_active")["amount"].agg(["size", "mean"]).round(2)

# %% [markdown]
# 49.95 a head already then, the others 36.07. So it is the larger customers who return, and they spend little more than before. (There are no limits: amounts are no shares of people.)
#
# ## Those who signed up and did nothing
#
# So far everyone began with a purchase. Often there is a list of sign-ups elsewhere, and who never bought stands there and nowhere else.

# %%
dates = ["2026-01-02", "2026-01-19", "2026-01-25", "2026-02-01", "2026-02-11"]
signed = pd.DataFrame({"customer": ["1", "2", "5", "3", "6"], "time": pd.to_datetime(dates)})
from_sign_up = cl.cohorts.retention(four, cohort=signed, as_of="2026-04-01")
from_sign_up[["cohort", "age", "n_start", "n_active", "retention"]].round({"retention": 3})

# %%
lines = cl.ledger(from_sign_up).query("stage == 'retention' and unit == 'customers'")
lines[["fate", "rule", "n"]]

# %% [markdown]
# January has three customers now, and its month 0 is no longer 100 %. The ledger noted two who never bought (5 and 6, counted below the line), and left out one who bought and is on no list (4): worth a question to whoever keeps it.
#
# ## Whom to call
#
# A share moves nobody; a list of names does. Of March's customers, who was not seen any more in month 6 or later? The five who had spent most:

# %%
cell = {"cohort": "1997-03-01", "age": 6}
behind = cl.cohorts.customers(cdnow, cell=cell, rule="on_or_after", as_of="1998-07-01").frame
gone = behind[behind["is_eligible"] & ~behind["is_active"]]
past = cdnow.groupby("customer").agg(
    spent=("amount", "sum"), purchases=("time", "size"), last=("time", "max")
)
assert len(gone) == 4877
gone.merge(past, on="customer").nlargest(5, "spent").drop(columns=["is_active", "is_eligible"])

# %% [markdown]
# 4,877 names. Look before you call: 56 purchases until 11 April, for 6,552.70 dollars, and a single one for 1,119.68, may be a dealer and a gift. And spending tells who is valuable, not whom a call would move: that again takes a trial.
#
# Note the `is_eligible`: without it a list drawn at the right edge would be full of people whose time has not come.
#
# ## The same call on a million purchases
#
# Made by a stated process: three segments, which stay 240, 365 and 540 days on average and buy every 30 days on average while they are there. Suppose that December is not fully recorded, and read as of the first, on calendar months.

# %%
made = cl.datasets.generate_events(127_500, seed=2, window_days=731)
big = cl.cohorts.retention(made, by="segment", as_of="2024-12-01")
cl.ledger(big)[["unit", "fate", "rule", "n"]]

# %%
by_segment = cl.cohorts.pooled(big)
with cl.plot.style():
    ax = plt.subplots(figsize=(4.8, 2.5), layout="constrained")[1]
    cl.plot.retention(by_segment[by_segment["age"] <= 12], kind="curves", ax=ax)
shares = by_segment.pivot(index="segment", columns="age", values="retention")
days = pd.Series(cl.datasets.SEGMENT_LIFE)
check = pd.DataFrame({"kept": shares[12] / shares[6], "days": days})
check["truth"] = np.exp(-183 / check["days"])
assert (check["kept"] - check["truth"]).abs().max() < 0.02
shares[[1, 6, 12]].join(check).round(3)

# %% [markdown]
# The 61,922 purchases of December are excluded, under a rule with a name. After one month the segments look nearly alike, 56 to 60 %; after twelve web has more than twice the share of app. Day-1 or month-1 figures alone would have hidden that.
#
# No column is the share of customers still there, for who is there does not buy every month. But such pauses are as frequent at 12 as at 6, and cancel in the ratio, `kept`. It comes within 2 points of the truth: of those still there after six months, so many stay for the 183 days that follow.
#
# ## What you have learnt
#
# * A period that is not over has no rate. Never fill in zeros.
# * "Came back" needs a clock, on or on-or-after, who starts and who is divided by. Name the rule with the number.
# * Pool the mature cells, every customer alike, and show the band.
# * "On" is final, "on or after" keeps rising; at the edge it looks like loss.
# * Without pauses the triangle is the survival curve; with pauses they answer different questions.
#
# | term | 中文 | |
# |---|---|---|
# | retention | 客户保持 (in the terms below 留存) | customers staying or coming back |
# | cohort | 同期群 | customers who began in the same period |
# | age | 账龄 | periods since the cohort's first one, which is 0 |
# | eligible | 可观察客户 | whose whole period is over |
# | mature cell | 成熟单元格 | over for everyone in the cohort |
# | on / on or after | 当期留存 / 当期及以后留存 | active in that very period / in that or any later one |
# | bracket | 账龄区间 | several ages as one cell |
# | calendar / rolling clock | 日历口径 / 滚动口径 | by dates / by time since each start |
# | pooled curve | 合并留存曲线 | mature cells of all cohorts, every customer alike |
# | right edge | 右边缘 | newest cells, where much is not yet seen |
#
# ## Exercises
#
# Put your answer in place of the `...` and run the cell. Hints and solutions are folded.
#
# **1.** Three cohorts by hand.

# %%
q1 = cl.learn.exercise("02.1")
q1

# %%
answer = ...
q1.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q1.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q1.check((16 + 12) / (40 + 60))

# %% [markdown]
# **2.** One visit on three clocks.

# %%
q2 = cl.learn.exercise("02.2")
q2

# %%
answer = ...
q2.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q2.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q2.check([1, 0, 1])

# %% [markdown]
# **3.** Three months as one.

# %%
q3 = cl.learn.exercise("02.3")
q3

# %%
answer = ...
q3.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q3.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
three = cl.cohorts.retention(cdnow, rule=Rule(brackets=(0, 4, 7)), as_of="1998-07-01")
q3.check(cl.cohorts.pooled(three).set_index("age")["retention"][4])

# %% [markdown]
# **4.** How much was only pausing?

# %%
q4 = cl.learn.exercise("02.4")
q4

# %%
answer = ...
q4.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q4.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
dates = ["1998-01-01", "1998-07-01"]
two = [cl.cohorts.retention(cdnow, rule="on_or_after", as_of=date) for date in dates]
early, late = (t.set_index(["cohort", "age"])["retention"]["1997-01-01", 6] for t in two)
q4.check(late - early)

# %% [markdown]
# **5.** The length of a list.

# %%
q5 = cl.learn.exercise("02.5")
q5

# %%
answer = ...
q5.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q5.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
cell = {"cohort": "1997-02-01", "age": 12}
silent = cl.cohorts.customers(cdnow, cell=cell, rule="on_or_after", as_of="1998-07-01").frame
q5.check((silent["is_eligible"] & ~silent["is_active"]).sum())

# %% [markdown]
# **6.** Two tools, two numbers.

# %%
q6 = cl.learn.exercise("02.6")
q6

# %%
answer = ...
q6.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q6.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q6.check("acd")

# %% [markdown]
# ## References
#
# * Amplitude, Mixpanel and PostHog, their documentation on retention; decision record 17 (`docs/decisions/0017-retention-rules.md`, on the site under Decisions) lists what each rule takes from it and what is left open. The example of the two means is from issue 25998 in PostHog's public tracker (2024).
# * Fader, Hardie and Lee (2005), *Marketing Science* 24(2), 275–284: the customers of CDNOW.
# * Kaplan and Meier (1958), *Journal of the American Statistical Association* 53, 457–481: the product of the shares that stay.
# * Wilson (1927), *Journal of the American Statistical Association* 22, 209–212: the limits.
# * Article 001 of the course: the hotel and its past guests.
