# %% [markdown]
# # How many customers did we lose? The churn rate
#
# **The question.** A sales manager reports: "We began the quarter with 400 customers and ended it with 380, so we lost 5 %." Another quarter, another shop: 1,000 customers at the start, 150 of them gone at the end, 300 newcomers, 15 of whom have left already. Is that 15 %, 16.5 % or something else?
#
# **The decision.** Whether last quarter was worse than the one before, and whether money should go into keeping customers. A rate that mixes two groups of people can move without a single customer behaving differently, and then money follows an illusion.
#
# **You will learn**
#
# * which customers belong above and which below the line of the fraction;
# * why 5 % may hide 12.5 %, and why 16.5 % is no churn rate at all;
# * five rates that are in use, their denominators, and when each is the right one;
# * how sure a rate can be when the customers are few;
# * how to get the rate of every month from a table of contracts, with one call;
# * what a monthly rate is per year, and why it is not twelve times as much;
# * how to tell loyalty from age, and how to read a trial that should raise it.

# %%
from math import exp

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import churnlab as cl

# %% [markdown]
# ## Two numbers are not enough
#
# The first figure comes from article 002, one of the five articles on customer churn that this course works through: 400 customers at the start of the quarter, 380 at its end.

# %% tags=["figure"]
opening, closing = 400, 380
net_change = (opening - closing) / opening
assert net_change == 0.05
net_change

# %% [markdown]
# So 5 % — *if the 380 are all old customers*. The article's own definition asks for that: customers lost in the period, divided by customers present when it began. But a head count at both ends does not tell who is who. Suppose 30 of the 380 are newcomers. Then only 350 of the 400 are left.

# %%
newcomers = 30
lost = opening - (closing - newcomers)
lost, lost / opening

# %% [markdown]
# 50 customers were lost, 12.5 %, and the newcomers covered up more than half of it. The difference between two head counts is the **net change**; what left through the door is the **gross** loss. A churn rate is about the second, and it needs to know the customers one by one.
#
# ## By hand: six customers
#
# Six contracts, half-open as everywhere in churnlab: `start` is the first day as a customer, `end` the first day as a customer no more. A missing end is a contract that is still running.

# %%
six = pd.DataFrame(
    {"customer": ["Ada", "Ben", "Chen", "Dora", "Emma", "Fang"],
     "start": ["2026-01-10", "2026-02-01", "2026-03-15", "2025-11-02", "2026-04-10", "2026-05-05"],
     "end": [None, "2026-05-20", None, None, "2026-06-01", None]})  # fmt: skip
six["start"], six["end"] = pd.to_datetime(six["start"]), pd.to_datetime(six["end"])
six

# %% [markdown]
# The second quarter of 2026 runs from 1 April to 30 June. Who was there when it opened? Ada, Ben, Chen and Dora: these four are the **opening cohort**. Emma and Fang came later.

# %%
present = six["start"] < "2026-04-01"
left = six["end"].between("2026-04-02", "2026-07-01")
six.assign(present=present, left=left)[["customer", "present", "left"]]

# %% [markdown]
# Two customers left, Ben and Emma, but only Ben could be lost *from the opening cohort*. (An end on 1 July would still belong to the second quarter, because 30 June was then the last day as a customer.) One of four:

# %%
by_hand = (present & left).sum() / present.sum()
float(by_hand)

# %% [markdown]
# Count heads instead, and four customers opened the quarter while four closed it — Ada, Chen, Dora and Fang. Net change: zero. Nobody seems to have left.
#
# ## The wrong way first
#
# Here is the second figure of article 002. The 15 newcomers who left within the quarter are lost customers too, so it is tempting to add them to the 150.

# %% tags=["figure"]
tempting = (150 + 15) / 1000
assert tempting == 0.165
tempting

# %% [markdown]
# Above the line stand customers from two groups, 1,000 old and 300 new; below it stands only one of them. Nobody can say *whose* risk this is. The surest way to see that something is wrong is to win more customers. Leave the old ones alone, let 5 % of the newcomers leave as before, and only change how many come:

# %%
grown = [cl.rates.churn_rate_from_counts(1000, 150, n, n // 20) for n in (0, 300, 3_000, 20_000)]
naive = pd.concat(grown).query("method == 'naive'")
naive[["opening", "lost", "new", "new_lost", "rate"]]

# %% [markdown]
# The better the sales, the worse the "churn", up to 115 %: a share of more than everyone. The article's remedy is the right one: leave everything that was concluded within the quarter out of the calculation.

# %% tags=["figure"]
rate = 150 / 1000
assert rate == 0.15
rate

# %% [markdown]
# ## One call, equal to the hand result
#
# `cl.rates.churn_rate` takes the contracts and gives every whole calendar period. `as_of` is the instant up to which the records are complete, itself excluded. The last row is our quarter.

# %%
quarters = cl.rates.churn_rate(six, as_of="2026-07-01", period="quarter")
assert quarters["rate"].iloc[-1] == by_hand
quarters.drop(columns="exposure").round(3)

# %% [markdown]
# Read it from left to right: of 4 at the opening 1 was lost; 2 came, and 1 of these was lost as well. The first quarter opened with Dora alone, who stayed. The quarter before that opened with nobody: there its rate is missing, not zero, for no one could have been lost. And the counts must fit together:

# %%
quarters.eval("opening + new - lost - new_lost").tolist()

# %% [markdown]
# Each number is the next quarter's opening. If your own report fails this little sum, it counts some customers twice, or never.
#
# ## Five rates side by side
#
# Four counts are all that the usual rates need. `churn_rate_from_counts` shows five, and names them by their denominators.

# %% tags=["figure"]
methods = cl.rates.churn_rate_from_counts(opening=1000, lost=150, new=300, new_lost=15)
assert methods["rate"].round(4).tolist() == [0.15, 0.165, 0.1546, 0.1269, 0.1427]
methods[["method", "exposure", "rate", "conf_low", "conf_high"]].round(4)

# %% [markdown]
# * **opening_cohort**: 150 of 1,000. One group above and below the line. This is the article's rate, and the one to report.
# * **naive**: 165 over 1,000. The wrong way, kept so that you can recognise it.
# * **average**: 165 over the mean of opening and closing. The same mixture, milder.
# * **pooled**: 165 of 1,300. One group at last, but the newcomers had only half the time to leave, so it is too low.
# * **person_time**: 165 departures over 1,071.25 quarters lived by customers, old and new. Here everyone counts for as long as they were there.
#
# The exposure is counted like hours at work: one quarter for who stayed throughout, half a quarter for who came or left on the way, a quarter of one for who did both. (Real dates are better than such halves; with contracts `churn_rate` uses them.) Dividing gives departures per quarter, and $1 - e^{-\text{rate}}$ turns that into a share:

# %%
exposure = 850 + (150 + 285) / 2 + 15 / 4
hazard = 165 / exposure
exposure, round(hazard, 4), round(1 - exp(-hazard), 4)

# %% [markdown]
# It is lower than 15 % for an honest reason: newcomers left at a lower pace than old customers. With the old customers alone, person-time comes back to 15.0 %.

# %%
old_hazard = 150 / (850 + 150 / 2)
round(old_hazard, 4), round(1 - exp(-old_hazard), 4)

# %% [markdown]
# ## Read the picture

# %%
with cl.plot.style():
    fig, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
    ax.hlines(methods.index, methods["conf_low"], methods["conf_high"], color="C0", linewidth=2)
    ax.scatter(
        methods["rate"], methods.index, color=["C0", "firebrick", "firebrick", "C0", "C0"], zorder=2
    )
    ax.axvline(0.15, color="grey", linewidth=0.8, linestyle=":")
    ax.set(yticks=methods.index, yticklabels=methods["method"], xlabel="churn rate of the quarter")
    ax.xaxis.set_major_formatter("{x:.0%}")
    ax.set_ylim(4.5, -0.5)

# %% [markdown]
# The bars are 95 % limits. The two red points have none, because they are no shares of anybody: there is no group of whom 16.5 % left, so there is nothing to be sure or unsure about.
#
# ## How sure is a rate?
#
# Even the right rate is a count of few people. Wilson's limits tell which long-run rates would not be surprised by what we saw.

# %% tags=["figure"]
shop = cl.rates.churn_rate_from_counts(400, 20).iloc[[0]]
limits = pd.concat([shop, methods.iloc[[0]]])[["opening", "lost", "rate", "conf_low", "conf_high"]]
assert limits[["conf_low", "conf_high"]].round(3).values.tolist() == [
    [0.033, 0.076],
    [0.129, 0.173],
]
limits.round(3)

# %% [markdown]
# A true rate of 3.3 % and one of 7.6 % are both compatible with 20 of 400. Whoever celebrates 4 % after 5 % is reading noise. Our one lost customer of four says next to nothing, and the limits we met further up say so: 0.046 to 0.699. They assume that customers leave one by one; when a salesperson goes and takes ten along, even wide limits are too narrow.
#
# ## The rate of another period
#
# 5 % a month: is that 60 % a year? Then 10 % a month would be 120 %, which is more than everyone. Each month takes its 5 % of those *who are left*, so twelve months keep $0.95^{12}$. `cl.rates.convert` does the same between any two periods.

# %%
year = cl.rates.convert(0.05, period="month", to="year")
assert round(year["churn"].iloc[0], 12) == round(1 - 0.95**12, 12)
year.round(4)

# %% [markdown]
# 46.0 % a year, not 60 %. What may be multiplied is the **hazard**, the departures per customer and month: $-\ln 0.95 = 0.0513$, times twelve 0.6155, and $1 - e^{-0.6155}$ is 46.0 % again. Now 5 % a quarter and the article's 15 % a quarter per year, and a boss's "no more than 20 % a year" per month:

# %%
quarterly = cl.rates.convert([0.05, 0.15], period="quarter", to="year")
yearly = cl.rates.convert(0.20, period="year", to="month")
pd.concat([quarterly, yearly], ignore_index=True).round(4)

# %% [markdown]
# 5 % a quarter is 18.55 % a year, 15 % is 47.8 %, and 20 % a year allows 1.84 % a month. All of this supposes that the rate stays the same throughout. Where customers differ it does not, as the next sections show.
#
# ## The same call on a million contracts
#
# Nothing changes when the table grows. The contracts are made by a stated process: starts spread over two years, and each customer with a monthly probability of leaving of their own, which never changes.

# %%
contracts = cl.datasets.generate_subscriptions(1_000_000, seed=1, as_of="2025-01-01")
months = cl.rates.churn_rate(contracts, as_of="2025-01-01")
months[["period_start", "opening", "lost", "new", "rate", "conf_low", "conf_high"]].tail(3).round(4)

# %% [markdown]
# Per quarter more newcomers come and go between two openings. The frame holds every count, so the naive rate can be put beside the right one without another look at the rows; a fifth of the contracts is plenty.

# %%
some = contracts.head(200_000)
quarters = cl.rates.churn_rate(some, as_of="2025-01-01", period="quarter")
quarters["naive"] = (quarters["lost"] + quarters["new_lost"]) / quarters["opening"]
quarters[["period_start", "opening", "lost", "new_lost", "rate", "naive"]].iloc[1:].round(3)

# %%
with cl.plot.style():
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), sharex=True, layout="constrained")
    left.plot(months["period_start"], months["rate"])
    left.fill_between(months["period_start"], months["conf_low"], months["conf_high"], alpha=0.3)
    left.set(title="per month", ylim=0, ylabel="churn rate")
    right.plot(quarters["period_start"], quarters["rate"], "o-", label="opening cohort")
    right.plot(quarters["period_start"], quarters["naive"], "o--", color="firebrick", label="naive")
    right.set(title="per quarter", ylim=0)
    right.legend()
    for ax in (left, right):
        ax.yaxis.set_major_formatter("{x:.0%}")
        ax.tick_params(axis="x", rotation=45)

# %% [markdown]
# Three things to see.
#
# 1. The naive rate starts far too high, while newcomers are many, and comes closer as the base grows. A young company that uses it sees an improvement nobody made.
# 2. With so many customers the limits are as thin as the line. What is left of the zigzag is the calendar: months have 28 to 31 days, and these contracts end every 30.
# 3. The right rate falls as well, from month to month, although **no customer became more loyal**: each kept one probability for life. Those who leave easily left first, and the patient remained. Fader and Hardie (2010) call attention to this sorting. A falling churn rate of the whole base is therefore not yet a success; compare customers of the same age, as the next section does, and survival curves in [notebook 11](11_survival_curves.ipynb).
#
# ## Is it us, or is the base only older?
#
# The same illusion in its purest form. A firm wins 5,000 customers in each month of its first year, then only 1,000 a month. Everyone has the same fate: in each of the first three months a chance of 10 % to leave, in every later month 2 %. The firm never does anything better or worse.

# %%
rng = np.random.default_rng(1)
came = pd.period_range("2023-01", "2024-12", freq="M").repeat([5_000] * 12 + [1_000] * 12)
early, late = rng.geometric(0.10, len(came)), rng.geometric(0.02, len(came))
stayed = np.where(early <= 3, early, 3 + late)
base = pd.DataFrame({"customer": np.arange(len(came)), "start": came, "end": came + stayed})
for side in ("start", "end"):
    base[side] = base[side].dt.to_timestamp() + pd.Timedelta(days=14)

# %% [markdown]
# `cl.rates.churn_by_age` splits each opening cohort into bands of age. Age 1 is who came in the month before, so that the first three months of a customer are the ages 1 to 3. We begin in May 2023, the first month that opens with customers of both bands, and look at that month and at the last.

# %%
ages = cl.rates.churn_by_age(base, as_of="2025-01-01", bands=(1, 4))
ages = ages[ages["period_start"] >= "2023-05-01"]
ages.iloc[[0, 1, -2, -1]].round(4)

# %% [markdown]
# Young and old customers left as stated, near 10 and near 2 %, in the first month as in the last. What changed is the mix: four in five were young at first, and one in fifteen at the end. By hand, with the stated chances:

# %%
young = np.array([13_540 / (13_540 + 3_655), 2_715 / (2_715 + 38_848)])
by_mix = young * 0.10 + (1 - young) * 0.02
young.round(3).tolist(), by_mix.round(3).tolist()

# %% [markdown]
# So the crude rate must fall, from about 8.3 to about 2.5 %, for no other reason. `cl.rates.standardise` takes that reason away: it gives every month one and the same mix of ages, that of all openings in the table together.

# %%
fixed = cl.rates.standardise(ages)
assert fixed["standardised"].between(0.034, 0.042).all()
columns = ["period_start", "rate", "standardised", "conf_low", "conf_high"]
fixed[columns].iloc[[0, 6, 12, -1]].round(4)

# %%
with cl.plot.style():
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), sharey=True, layout="constrained")
    for edge, name in ((4, "4 months and older"), (1, "1 to 3 months")):
        left.plot("period_start", "rate", data=ages[ages["at_least"] == edge], label=name)
    right.plot("period_start", "rate", "--", data=fixed, color="firebrick", label="crude")
    right.plot("period_start", "standardised", data=fixed, color="C2", label="standardised")
    right.fill_between("period_start", "conf_low", "conf_high", data=fixed, color="C2", alpha=0.3)
    for ax, who in ((left, "by age"), (right, "all ages")):
        title = f"churn rate per month, {who}"
        ax.set(title=title, ylim=(0, 0.13), xticks=fixed["period_start"].iloc[::5])
        ax.legend(loc="upper right", ncols=2)
    left.yaxis.set_major_formatter("{x:.0%}")

# %% [markdown]
# Every board would applaud the red line, which falls by more than two thirds. The standardised rate stays between 3.4 and 4.2 % all the time; what moves it is chance. Nobody did anything, and when the firm advertises again, the red line will climb. Standardise before you praise or blame; but bands must be fine enough, since inside an open last band customers keep growing older. And the mix is a choice: compare standardised rates with each other, not with somebody else's.
#
# Such ages also spoil the conversion to a year. A newcomer of this firm leaves within twelve months after the start with the first of these two chances; the 10 % of the first month, taken to the year, promise the second.

# %%
promised = cl.rates.convert(0.10, period="month", to="year")["churn"].iloc[0]
round(1 - 0.90**3 * 0.98**9, 3), round(float(promised), 3)

# %% [markdown]
# ## Did the letter help? Reading a trial
#
# Whether a measure keeps customers is settled by lot: some get the letter, others none. How many are needed, if 80 % stay anyway, to see a rise of 5 points, or of 2.5, four times in five?

# %%
need = cl.rates.sample_size(0.80, lift=[0.05, 0.025]).query("variance == 'pooled'")
need[["retention", "retention_after", "n_control", "n_arm"]]

# %% [markdown]
# 906 per arm, and 3,826 for half the rise. Take 1,000 each. The letters were printed late: when the read-out is due, the 90 days of watching are over for 960 customers without a letter and for only 840 with one. For the others `retained` is missing. (All numbers are invented.)

# %%
trial = pd.DataFrame({"customer": range(2_000), "arm": ["none"] * 1_000 + ["letter"] * 1_000})
none, letter = [1] * 768 + [0] * 192 + [None] * 40, [1] * 714 + [0] * 126 + [None] * 160
trial["retained"] = pd.array(none + letter, dtype="Int64")
too_soon = trial.fillna({"retained": 0})
outcome = [cl.rates.compare(data, control="none") for data in (trial, too_soon)]
columns = ["arm", "term", "n", "estimate", "conf_low", "conf_high", "p_value"]
both = pd.concat(outcome, keys=["right", "too soon"])[columns].droplevel(1)
both[both["term"].isin(["retention", "difference"])].round(3)

# %% [markdown]
# Read rightly, the letter kept 85 instead of 80 %: 5.0 points more, with limits from 1.5 to 8.5. (Leaving the 40 and 160 out is fair, because lateness at the printer's has nothing to do with a customer.) The lower rows are the first trap, *not yet observed counted as lost*: the very same letter seems to drive away 5.4 points, and "significantly" so.
#
# The second trap is *peeking*. Let two arms be the same, 80 % in both; look after every 50 customers per arm, twenty times, and stop at the first p below 0.05. Ten thousand such trials:

# %%
seen = 50 * np.arange(1, 21)
stay = rng.binomial(50, 0.80, (2, 10_000, 20)).cumsum(axis=2)
share = stay.sum(axis=0) / (2 * seen)
z = (stay[0] - stay[1]) / np.sqrt(2 * seen * share * (1 - share))
found = abs(z) > 1.96
assert 0.04 < found[:, -1].mean() < 0.06 and 0.22 < found.any(axis=1).mean() < 0.28
[round(float(fooled), 3) for fooled in (found[:, -1].mean(), found.any(axis=1).mean())]

# %% [markdown]
# Who looks once, at the end, is fooled in about one trial of twenty, as promised. Who looks every time is fooled in about one of four. Fix the size first, and read out once.
#
# ## What you have learnt
#
# * Churn rate = lost *from the opening cohort* ÷ opening cohort. Newcomers stand neither above nor below the line.
# * Head counts at both ends give the net change, which hides losses behind sales.
# * Every other rate has another denominator. Name the method, every time.
# * A rate of few customers has wide limits. Show them.
# * A falling rate can be sorting, or a base that grows older. Look at rates by age, and at one fixed mix.
# * A rate per month is taken to the year through the hazard, never by multiplying it.
# * In a trial, who is not yet observed is missing, and the size is fixed before the first look.
#
# | term | 中文 | |
# |---|---|---|
# | churn rate | 流失率 | share of the opening customers lost in the period |
# | retention rate | 保持率 | 1 − churn rate |
# | opening cohort | 期初客户 | customers present when the period opens |
# | newcomer | 新客户 | customer who came within the period |
# | net change | 净变化 | closing count against opening count |
# | exposure | 暴露量 | time at risk, in customer-periods |
# | person-time rate | 人时率 | departures per unit of exposure |
# | confidence limits | 置信限 | what range of rates fits the data |
# | hazard | 风险率 | departures among those at risk; it may be added up over periods |
# | direct standardisation | 直接标准化 | a rate at one fixed mix of ages |
# | A/B trial | A/B 试验 | who gets the offer is decided by lot |
#
# ## Exercises
#
# Put your answer in place of the `...` and run the cell. Each question checks itself and knows the usual wrong roads. Hints and solutions are folded.
#
# **1.** The quarter of article 002.

# %%
q1 = cl.learn.exercise("01.1")
q1

# %%
answer = ...
q1.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q1.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q1.check(cl.rates.churn_rate_from_counts(1000, 150, 300, 15)["rate"].iloc[0])

# %% [markdown]
# **2.** Behind the net change.

# %%
q2 = cl.learn.exercise("01.2")
q2

# %%
answer = ...
q2.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q2.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q2.check((400 - (380 - 30)) / 400)

# %% [markdown]
# **3.** The last day of a quarter. Change a copy of `six`, and ask `churn_rate`.

# %%
q3 = cl.learn.exercise("01.3")
q3

# %%
answer = ...
q3.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q3.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
changed = six.copy()
changed.loc[changed["customer"] == "Chen", "end"] = pd.Timestamp("2026-07-01")
q3.check(cl.rates.churn_rate(changed, as_of="2026-07-01", period="quarter")["rate"].iloc[-1])

# %% [markdown]
# **4.** How low could it be?

# %%
q4 = cl.learn.exercise("01.4")
q4

# %%
answer = ...
q4.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q4.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q4.check(cl.rates.churn_rate_from_counts(400, 20)["conf_low"].iloc[0])

# %% [markdown]
# **5.** Are newcomers more loyal? Compare your result with the 15 % of the old customers, not with the naked 15 of 300.

# %%
q5 = cl.learn.exercise("01.5")
q5

# %%
answer = ...
q5.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q5.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q5.check(1 - exp(-15 / (285 / 2 + 15 / 4)))

# %% [markdown]
# **6.** On contracts of your own making.

# %%
q6 = cl.learn.exercise("01.6")
q6

# %%
answer = ...
q6.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q6.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
small = cl.datasets.generate_subscriptions(10_000, seed=7, as_of="2025-01-01")
table = cl.rates.churn_rate(small, as_of="2025-01-01", period="quarter")
q6.check(table.set_index("period_start")["rate"]["2024-04-01"])

# %% [markdown]
# ## References
#
# * Wilson (1927), *Journal of the American Statistical Association* 22, 209–212: the limits of a share.
# * Fader and Hardie (2010), *Marketing Science* 29(1), 85–93, doi 10.1287/mksc.1080.0482: customer-base valuation in a contractual setting, and why the retention of a whole cohort rises by sorting.
# * Fader and Hardie (2007), How to project customer retention, *Journal of Interactive Marketing* 21(1), 76–90, doi 10.1002/dir.20074: the process behind the generated contracts.
# * Newcombe (1998), *Statistics in Medicine* 17, 873–890: the limits of a difference of two shares.
# * Armitage, McPherson and Rowe (1969), *Journal of the Royal Statistical Society* A 132, 235–244: what repeated looks do to a test.
# * Article 002 of the course: the 400 → 380 and the 1,000 / 150 / 300 / 15 customers.
