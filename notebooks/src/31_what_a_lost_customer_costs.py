# %% [markdown]
# # What does a lost customer cost?
#
# **The question.** A large carrier has 64,000 customers and loses 5 % of them in a year. Each brought 40,000 dollars of revenue, of which 10 % is profit. What did that cost?
#
# **The decision.** How much may be spent on keeping customers: on all of them, on those who complain, on those who fall silent, on those who have already left. Name too low a price, and cheap remedies stay undone; name too high a one, and money is spent on people who would have stayed.
#
# **You will learn**
#
# * why neither the lost revenue nor this year's lost profit is the answer, and what a lifetime is worth;
# * where "five points of retention bring 25 to 95 % more profit" comes from, and for whom it is true;
# * how far bad news may travel, and how many stand behind one complaint;
# * when silence means that a customer has gone, and when it does not;
# * what "one in four lost customers comes back" is worth when only four were asked.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import churnlab as cl

# %% [markdown]
# ## By hand: this year
#
# The carrier is an example of article 000, one of the five articles on customer churn that this course works through.

# %% tags=["figure"]
lost = 64_000 * 0.05
revenue = lost * 40_000
profit = revenue * 0.10
assert (lost, revenue, profit) == (3_200, 128_000_000, 12_800_000)
lost, revenue / 1e6, profit / 1e6

# %% [markdown]
# 3,200 customers, 128 million of revenue, 12.8 million of profit: 4,000 dollars of profit for each. The article adds that the loss grows with time, and leaves it there. Let us see how it grows.
#
# ## The wrong ways first
#
# *Call the revenue the loss.* But the carrier no longer buys fuel and pays drivers for those 3,200; only the profit is gone. Whoever spends 128 million to save 12.8 has made things worse.
#
# *Call 12.8 million the whole loss.* But these customers would have come back next year, most of them.
#
# *Multiply by the years that were left.* If 5 % leave each year, of one customer there is 1 in the first year, 0.95 in the second, 0.95² in the third, and all these together make 1/0.05 = 20 years: a customer stays twenty years on average. (The sum is worked out below.) So:

# %%
years_left = 1 / 0.05
round(years_left), round(profit * years_left / 1e6), round(revenue * years_left / 1e6)

# %% [markdown]
# 256 million, or even 2,560 million if someone multiplies the 40,000. But a dollar in twenty years is not a dollar. It could have earned interest in the meantime; at 10 % a year, one dollar today grows to this many in twenty years:

# %%
round(1.10**20, 2)

# %% [markdown]
# ## By hand: a lifetime
#
# So take both things into account, year by year. Had the customer stayed, the chance of still being there after $t$ years is $0.95^t$. And later money is worth less now. The **discount rate** says by how much: at $d$ = 10 % a dollar due in a year is worth $1/1.10$ today, because that sum grows to a dollar by then, and a dollar due in $t$ years is worth $1.10^{-t}$. The first year is year 0. We go on for 200 years; of what would follow, not a cent is left.

# %%
years = pd.DataFrame({"year": range(200)})
years["still_there"] = 0.95 ** years["year"]
years["dollar_today"] = 1.10 ** -years["year"]
years["worth"] = 4_000 * years["still_there"] * years["dollar_today"]
years.head(4).round(3)

# %%
lifetime = float(years["worth"].sum())
assert round(lifetime) == 29_333
round(lifetime), round(lost * lifetime / 1e6, 1)

# %% [markdown]
# One lost customer costs 29,333 dollars, and all of them 93.9 million: seven times the loss of the first year.
#
# There is a short cut. Each year is worth the year before it times $q = r/(1+d)$, with $r$ the retention rate and $d$ the discount rate; here $q = 0.95/1.10$. Call the sum $s = 1 + q + q^2 + \dots$. Then $s - q\,s = 1$, since all terms but the first cancel, and $s = 1/(1-q)$. (Without interest $q = 0.95$, and $s = 1/0.05$: the twenty years from above.) Times $m$, the profit of a year, this makes
#
# $$\text{worth} = \frac{m}{1-q} = m \cdot \frac{1 + d}{1 + d - r}.$$
#
# ## One call, equal to the hand result

# %% tags=["figure"]
cost = cl.value.churn_cost(64_000, 0.05, revenue=40_000, margin=0.10, retention=0.95, discount=0.10)
assert cost["profit"].round(-5).tolist() == [12_800_000, 93_900_000, 81_100_000]
assert np.isclose(cost["profit"][1], lost * lifetime)
cost.assign(revenue=cost["revenue"] / 1e6, profit=cost["profit"] / 1e6).round(1)

# %% [markdown]
# (In the call, `margin` is the share of the revenue that is profit.) Three rows, in millions of dollars. The first is the year of the article. The second is our lifetime. Why is there a third?
#
# Because a lifetime has a **timing**. `start` counts the first year's profit now: the customer was about to pay when we lost them. `end` counts it in a year's time, and only from those still there. Both are in use, both are right, and they differ by exactly the first year's profit:

# %%
between = float(cost["profit"][1] - cost["profit"][2])
assert np.isclose(between, profit)
round(between / 1e6, 1)

# %% [markdown]
# Two reports that do not name their timing cannot be compared. Here is how the loss adds up.

# %%
start = (lost * years["worth"]).cumsum() / 1e6
with cl.plot.style():
    fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for name, line, limit in [("start", start, 93.9), ("end", start - 12.8, 81.1)]:
        (drawn,) = ax.plot(line[:41], ".-", label=f"{name}: in all {limit} million")
        ax.axhline(limit, color=drawn.get_color(), linewidth=0.8, linestyle=":")
    ax.set(xlabel="years after the loss", ylabel="profit lost so far, million $", xlim=0, ylim=0)
    ax.legend(loc="lower right")

# %%
(start[[4, 29]] / start.iloc[-1]).round(2).tolist()

# %% [markdown]
# Half of the loss falls into the first five years, and what lies beyond thirty hardly counts. That is good news: a wrong guess about the far future does little harm. A wrong retention or discount rate does more, so try yours.
#
# ### So how much may be spent?
#
# At most what is saved. A programme that keeps one in ten of the 3,200 as ordinary customers, who may leave later like all others, saves 320 lifetimes.

# %%
saved = 0.10 * lost * lifetime
round(saved / 1e6, 1), round(saved / 64_000)

# %% [markdown]
# 9.4 million, or 147 dollars for each of the 64,000 if it has to be given to everyone, since nobody knows who is about to leave. That is the ceiling, not the advice. And it takes the lost for average customers; those who leave are often smaller, so put in *their* revenue if you know it.
#
# ## Five points of retention: 25 to 95 % more profit?
#
# Hardly a talk about loyalty does without it. Articles 000 and 003 print 25 to 85 %, article 002 prints 25 to 95 %. A single call shows what five points do to a customer's lifetime value.

# %% tags=["figure"]
lift = cl.value.retention_lift([0.75, 0.80, 0.90], points=0.05, discount=0)
assert np.allclose(lift.query("timing == 'start'")["lift"], [0.25, 1 / 3, 1])
lift.round(3)

# %% [markdown]
# With the first year's profit now (`start`) and without interest it is 25 % at a retention of 75 %, and 100 % at one of 90 %. There is no law of nature in it: five points turn a churn rate of 10 % into one of 5 % and so double the lifetime (`start`), while from a churn rate of 50 % they add a ninth to it (`start`) or two ninths (`end`).

# %%
base = np.linspace(0.5, 0.94, 89)
with cl.plot.style():
    fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
    ax.axhspan(0.25, 0.95, color="0.92", label="25 to 95 %")
    for discount in (0, 0.10):
        lift = cl.value.retention_lift(base, discount=discount).set_index(["timing", "retention"])
        (line,) = ax.plot(lift["lift"]["start"], label=f"start, {discount:.0%}")
        ax.plot(lift["lift"]["end"], "--", c=line.get_color(), label=f"end, {discount:.0%}")
    ax.set(ylim=(0, 1.5), xlim=(0.5, 0.95), xlabel="retention before", ylabel="value grows by")
    ax.xaxis.set_major_formatter("{x:.0%}")
    ax.yaxis.set_major_formatter("{x:.0%}")
    ax.legend(title="timing, discount rate")

# %% [markdown]
# With a discount rate of 10 % even the best base in the figure stays far from the upper end. Read the claim backwards, then. At which churn rate would the printed lifts be true?

# %% tags=["figure"]
implied = cl.value.implied_churn([0.25, 0.85, 0.95], discount=0)
assert implied["churn"].round(4).tolist() == [0.25, 0.1088, 0.1026]
implied.round(4)

# %% [markdown]
# At 25 % for the lower end, which is the churn that article 000 gives for mobile operators, and at 10.9 and 10.3 % for the upper ones. These three hold for the timing `start` without interest. With `end` they would be higher; at a discount rate of 10 % each would be ten points lower, 15 % for the lower end, and under one per cent for the upper ones, from which nobody can take five points. So the famous range says little more than *where the firms stood*. The paper it is traced back to, by Reichheld and Sasser (1990), had different figures for different trades. And lifetime value is not the firm's profit, and keeping customers is not free.
#
# ### Five points are not five per cent
#
# "Five per cent less churn", from 10 %, is 9.5 %: half a point. Beside the five points, at a discount rate of 10 %:

# %% tags=["figure"]
both = [cl.value.retention_lift(0.90, points=p, discount=0.10) for p in (0.05, 0.005)]
points = pd.concat(both, ignore_index=True)[["timing", "retention", "retention_after", "lift"]]
assert points["lift"].round(3).tolist() == [0.333, 0.407, 0.026, 0.031]
points.round(4)

# %% [markdown]
# 2.6 % instead of 33.3 % (or 3.1 instead of 40.7 with the other timing). Ask which of the two was meant before you ask for a budget.
#
# ## Bad news travels
#
# Article 000 says that one dissatisfied customer influences 5 people, article 003 says 25; neither says how it knows. Suppose those who leave tell others, and some of these leave because of it, and tell others in turn. What matters is the **reproduction** $R$: people told, times the share of them who leave. One loss causes $R$ more, these cause $R^2$, and so on: the same sum as above, so that in all there are lost $/\,(1 - R)$.

# %% tags=["figure"]
news = cl.value.word_of_mouth([5, 5, 5, 25, 25], [0.05, 0.10, 0.20, 0.02, 0.04])
assert news["total"].round(2).tolist() == [1.33, 2.0, np.inf, 2.0, np.inf]
news.round(2)

# %% [markdown]
# Tell five, of whom 10 % leave, and every loss becomes two; tell 25, and 2 % are enough. At a reproduction of 1 the sum has no end. No firm has an endless number of customers: long before, the same people hear the story twice, and the formula no longer fits. Friends also resemble each other and may leave for the same reason without a word. Use this as a range to think with, never as a forecast.
#
# ## Behind one complaint
#
# Article 000 again: one purchase in four dissatisfies, and 5 % of the dissatisfied complain. The others simply stop buying.

# %% tags=["figure"]
behind = cl.surveys.iceberg(1, complaining=0.05, dissatisfied=0.25)
assert behind["estimate"].tolist() == [1, 20, 19, 80]
behind[["term", "estimate"]]

# %% [markdown]
# Each complaint stands for 20 dissatisfied customers and 80 purchases. How sure is that? It hangs on the 5 %, which someone must have found by asking. Say how many were `asked` (dissatisfied customers who were asked whether they had complained), and the answer has limits.

# %%
few, many = (cl.surveys.iceberg(1, complaining=0.05, asked=n).iloc[1] for n in (100, 2_000))
pd.DataFrame({"asked": [100, 2_000], "low": [few["conf_low"], many["conf_low"]],
              "high": [few["conf_high"], many["conf_high"]]}).round(1)  # fmt: skip

# %% [markdown]
# Asking 100 leaves anything between 9 and 46. So do not be alarmed, or comforted, by a count of complaints. When a new hotline makes it rise, people tell you what they used to keep to themselves, and a loss heard is one that may still be averted.
#
# ## Silence
#
# A customer without a contract never says goodbye. A car workshop in article 004 sees its customers about 2.5 times a year, calls them *at risk* after 6 months of silence and *lost* after 12. How often is that wrong about a customer who has not changed at all? Suppose visits fall by pure chance, $\lambda$ a month. Every short stretch of time $\Delta$ then passes without a visit with the chance $1 - \lambda\Delta$, whatever happened before; many such stretches multiply to $e^{-\lambda t}$ for $t$ months:

# %% tags=["figure"]
quiet = cl.purchases.silence([6, 12], rate=2.5 / 12)
assert quiet["mean_gap"].round(6).eq(4.8).all()
assert quiet["silent"].round(4).tolist() == [0.2865, 0.0821]
quiet.round(4)

# %% [markdown]
# The mean gap is 4.8 months, so half a year is only a quarter more than usual. On any given day 28.65 % of entirely faithful customers have been silent for so long, and 8.21 % for a year.
#
# But cars are serviced rather regularly. Let each gap be a sum of four smaller ones (an Erlang-4 gap: the same mean, half the spread). Now two questions part that were one as long as chance ruled. `basis="gap"`: which share of the *gaps* is longer than six months? `basis="date"`, the default: look on a random *day*; with what chance was the last visit more than six months ago? On that day a gap is still under way, and of a gap of seven months only the last month counts. A rule applied to a customer list asks the second; so do the workshop's own classes.

# %% tags=["figure"]
regular = cl.purchases.false_alarm(6, 12, rate=2.5 / 12, regularity=4)
silent = 1 - regular["share"].cumsum()
assert silent.round(4).tolist()[:2] == [0.1092, 0.0034]
gap = cl.purchases.silence(6, rate=2.5 / 12, regularity=4, basis="gap")
assert gap["silent"].round(3).tolist() == [0.265]
regular.round(4)

# %% [markdown]
# Of regular visitors 10.58 + 0.34 = 10.9 % are silent for six months and 0.34 % for twelve, although 26.5 % of their gaps are longer than six. The same rule, the same pace, and a false alarm is now rare: *what silence says hangs on how regular the customer used to be.*
#
# ## The same call on many customers
#
# Does the formula hold? We make a hundred thousand customers of a workshop, 1.3 million visits in ten years, and let them live practically for ever. Then we look them up on the first day of 2022: those who had come for three years or more, and who came again later, so that we know they were still customers. Half a year is counted as 182 days.

# %%
visits = cl.datasets.generate_visits(100_000, seed=1, mean_life=1_000_000)
look = pd.Timestamp("2022-01-01")
first, again = (visits.groupby("customer")["time"].agg(how) for how in ("min", "max"))
faithful = first.index[(first < "2019-01-01") & (again >= look)]
past = visits[visits["time"] < look].groupby("customer")["time"].max()
quiet_days = (look - past[faithful]).dt.days
len(visits), len(faithful)

# %%
expected = cl.purchases.silence([182, 365], rate=2.5 / 365, regularity=4)
seen = np.array([(quiet_days > day).mean() for day in (182, 365)])
error = np.sqrt(expected["silent"] * (1 - expected["silent"]) / len(quiet_days))
assert (abs(seen - expected["silent"]) < 2 * error).all()
expected.assign(seen=seen, std_error=error)[["duration", "silent", "seen", "std_error"]].round(4)

# %% [markdown]
# It does, within two standard errors. The whole curve, with the workshop's two limits dotted:

# %%
days = np.arange(0, 500, 4)
with cl.plot.style():
    fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for k, name in [(1, "visits by chance"), (4, "regular visits")]:
        line = cl.purchases.silence(days, rate=2.5 / 365, regularity=k)
        ax.plot(days, line["silent"], label=f"{name}: formula")
    seen = [(quiet_days > day).mean() for day in days[::6]]
    ax.plot(days[::6], seen, "o", color="black", markersize=4, label="generated visits")
    ax.vlines([182, 365], 0, 0.6, color="grey", linewidth=0.8, linestyle=":")
    ax.set(xlabel="days of silence", ylabel="silent for longer", xlim=0, ylim=(0, 1.02))
    ax.yaxis.set_major_formatter("{x:.0%}")
    ax.legend()

# %% [markdown]
# ### And when customers do leave?
#
# Now with lives of six years on average. Sort everyone by their silence on the same day, and then turn the pages: who came back in the three years after? Any firm with a history can do this.

# %%
visits = cl.datasets.generate_visits(100_000, seed=1)
past, later = visits[visits["time"] < look], visits[visits["time"] >= look]
quiet_days = (look - past.groupby("customer")["time"].max()).dt.days
state = pd.cut(
    quiet_days.rename("state"), [-1, 182, 365, 9_999], labels=["active", "at_risk", "lost"]
)
came_back = quiet_days.index.isin(later["customer"])
came_back = pd.Series(came_back, state.index).groupby(state, observed=True).agg(["size", "mean"])
came_back.set_axis(["customers", "came back"], axis=1).round(3)

# %% [markdown]
# Of those called lost fewer than one in a hundred came back: twelve months is a safe rule here. Of those at risk more than half came back by themselves. A voucher sent to all of them is half given away; a friendly reminder costs little.
#
# ## Winning back
#
# "One in four lost customers can be won back, and one in sixteen strangers can be won" (article 001). Four times as likely; by odds, 1 to 3 against 1 to 15, five times. What if it was taken literally, from four and sixteen attempts?

# %% tags=["figure"]
won = cl.winback.odds(1, 4, prospects_won=1, prospects_tried=16)
assert won["estimate"].tolist() == [0.25, 0.0625, 4.0, 5.0]
assert won["conf_low"].round(3).tolist()[:2] == [0.006, 0.002]
assert won["conf_high"].round(3).tolist()[:2] == [0.806, 0.302]
assert round(won["p_value"].iloc[-1], 2) == 0.37
won.round(4)

# %% [markdown]
# From 0.6 to 80.6 % against 0.2 to 30.2 %: four attempts say nothing. If nothing set lost customers and strangers apart, chance alone would make them look at least so different in 37 of 100 cases. Now the same shares from 100 and 400 attempts:

# %%
more = cl.winback.odds(25, 100, prospects_won=25, prospects_tried=400)
assert more["p_value"].iloc[-1] < 1e-5
more[["term", "estimate", "conf_low", "conf_high"]].round(3)

# %% [markdown]
# Four times as likely, with limits from 2.4 to 6.6: now it says something. (The last two rows have limits of two kinds: score limits for the risk ratio, the ratio of the shares, and exact conditional ones for the odds ratio. The exact ones never promise too much and are wider for it. So with few attempts the first may exclude 1, no difference, where the second still include it; exercise 6 is such a case. Then the evidence is thin, whichever row one likes better.) If both are worth the same once won, an attempt at a lost customer may cost four times as much. But look at who was called: somebody chose the hundred, and surely not the hopeless. And who has left once may leave again sooner; Thomas, Blattberg and Fox (2004) study which lost customers to call and at what price.
#
# ## What can be helped?
#
# Money for keeping customers does nothing for those who move away. churnlab knows a list of reasons into which it has sorted those of the articles; the question for the budget is the column `controllable`: can the firm do anything about it? Another question is `voluntary`: did the customer choose to go? (`insurer_steering` is neither: after an accident the insurer sends the car to another workshop.)

# %%
reasons = cl.reasons.taxonomy()
named = ["poor_service", "high_price", "competitor_offer", "supplier_rep_left",
         "relocation", "customer_failure", "insurer_steering", "natural_loss"]  # fmt: skip
rows = reasons["reason"].isin(named)
reasons.loc[rows, ["reason", "chinese", "family", "controllable", "voluntary"]]

# %%
helped = reasons["controllable"].map({True: "yes", False: "no"}).fillna("open")
pd.crosstab(reasons["family"], helped)

# %% [markdown]
# Nearly all reasons on the firm's side can be helped, and on the customer's not one for certain. (`open` means that the words do not decide it: "natural loss" in article 004 is both a change of trade and a customer nobody called.) Multiply the ceiling from above by the share of your losses that you *can* help.
#
# ## What you have learnt
#
# * A lost customer costs the profit of all the years that would have followed, each weighted with the chance of still being there, and discounted. Name the timing.
# * "25 to 95 % more profit" is a statement about the churn one starts from. Points are not per cent.
# * Word of mouth and silent complaints multiply a loss; by how much, nobody in these articles has measured.
# * Hold silence against the customer's own rhythm.
# * A ratio without the number of attempts is an anecdote.
#
# | term | 中文 | |
# |---|---|---|
# | cost of churn | 流失成本 | profit lost with those who left |
# | customer lifetime value | 客户终身价值 | profit of all years to come, weighted and discounted |
# | discount rate | 贴现率(折现率) | what a year of waiting costs |
# | reproduction | 再生数 | losses caused by one loss |
# | complaint iceberg | 投诉冰山 | the dissatisfied behind one complaint |
# | false alarm | 误报 | a faithful customer called lost |
# | win-back | 挽回 | making a lost customer buy again |
# | odds ratio | 优势比 | odds of one group over odds of another |
#
# ## Exercises
#
# Put your answer in place of the `...` and run the cell. Hints and solutions are folded.
#
# **1.** A sports club.

# %%
q1 = cl.learn.exercise("31.1")
q1

# %%
answer = ...
q1.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q1.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
club = cl.value.churn_cost(8_000, 0.12, revenue=600, margin=0.25)
q1.check(club["profit"].iloc[0])

# %% [markdown]
# **2.** One of its members.

# %%
q2 = cl.learn.exercise("31.2")
q2

# %%
answer = ...
q2.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q2.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
member = cl.value.churn_cost(1, 1, revenue=600, margin=0.25, retention=0.80, discount=0.10)
q2.check(member.set_index("timing").loc["start", "profit"])

# %% [markdown]
# **3.** A consultant promises.

# %%
q3 = cl.learn.exercise("31.3")
q3

# %%
answer = ...
q3.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q3.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q3.check(cl.value.implied_churn(0.50, points=0.05, discount=0.05)["churn"].iloc[0])

# %% [markdown]
# **4.** A bad week.

# %%
q4 = cl.learn.exercise("31.4")
q4

# %%
answer = ...
q4.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q4.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q4.check(cl.value.word_of_mouth(25, 0.03, lost=100)["total"].iloc[0])

# %% [markdown]
# **5.** A dealer who orders every month.

# %%
q5 = cl.learn.exercise("31.5")
q5

# %%
answer = ...
q5.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q5.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q5.check(cl.purchases.silence(2, rate=1, regularity=4)["silent"].iloc[0])

# %% [markdown]
# **6.** A winter of telephone calls.

# %%
q6 = cl.learn.exercise("31.6")
q6

# %%
answer = ...
q6.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q6.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
calls = cl.winback.odds(6, 20, prospects_won=9, prospects_tried=90).set_index("term")
q6.check(calls.loc["risk_ratio", "conf_low"])

# %% [markdown]
# ## References
#
# * Reichheld and Sasser (1990), *Harvard Business Review*, September–October, 105–111: lower defection and higher profit, by trade.
# * Fader and Hardie (2010), *Marketing Science* 29(1), 85–93, doi 10.1287/mksc.1080.0482: what the remaining life of a customer is worth when customers differ.
# * Platzer and Reutterer (2016), *Marketing Science* 35(5), 779–799: regular customers, and what their silence says.
# * Wübben and von Wangenheim (2008), *Journal of Marketing* 72(3), doi 10.1509/jmkg.72.3.82: how well simple rules of silence do.
# * Thomas, Blattberg and Fox (2004), *Journal of Marketing Research* 41(1), 31–45: recapturing lost customers.
# * Articles of the course: 000 (carrier, 25 to 85 %, 5 people, complaints), 001 (win-back), 002 (25 to 95 %), 003 (25 people) and 004 (workshop).
