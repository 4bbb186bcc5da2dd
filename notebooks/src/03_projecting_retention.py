# %% [markdown]
# # How many will still be there in five years?
#
# **The question.** A firm sells a yearly contract. It has followed two groups of customers for seven years and wrote down, year by year, which share had renewed. How many of them will be left after year 12?
#
# **The decision.** What may be spent to win such a customer, and what is the customer base worth that we have? Both hang on years nobody has seen yet. Whoever expects too little turns good customers away; whoever expects too much overpays.
#
# **You will learn**
#
# * why a curve that fits the past almost perfectly can fail in the future;
# * why retention rises with age although no customer becomes more loyal;
# * how two numbers describe a whole cohort, and how to look ahead with them;
# * how to hold a projection against years it has not seen;
# * what the remaining renewals of a customer are worth, and why that figure needs its convention.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import churnlab as cl

# %% [markdown]
# ## Meet the data
#
# Two cohorts of a firm that is not named, published by Fader and Hardie (2007): *Regular* and *High End* customers. A **cohort** is a group that began together; `year` counts the renewals that were due since, and `percent` how many are left. Everyone is there in year 0.

# %%
table = cl.datasets.load("shifted_beta_geometric")
table.pivot(index="segment", columns="year", values="percent")

# %% [markdown]
# We put ourselves at the end of year 7. Years 8 to 12 are **held back**: no fit may see them, and only afterwards do we look.
#
# The table prints percentages, not how many customers there were. For the limits later on we need a number, and take 1,000 in each cohort. That number is our assumption.

# %%
table = table.assign(customers=10 * table["percent"])
past = table[table["year"] <= 7]
high_end, regular = (past[past["segment"] == s] for s in ("High End", "Regular"))

# %% [markdown]
# ## By hand: ten customers
#
# Of ten customers six renew the first time, and five of these six the second time.

# %%
tiny = pd.DataFrame({"age": [0, 1, 2], "customers": [10, 6, 5]})
tiny.assign(retention=tiny["customers"] / tiny["customers"].shift()).round(3)

# %% [markdown]
# The **retention rate**, the share of those still there who renew, rises from 60 to 83 %. Did somebody become more loyal? Not necessarily. Suppose five of the ten never leave, and the other five are fickle: each leaves with a chance of 80 % at every renewal, this year like last year. Then we expect:

# %%
fickle = 5 * 0.2 ** np.arange(3)
(5 + fickle).round(1).tolist()

# %% [markdown]
# Nobody changed. The first year **sorted**: it took mostly the fickle, and those who are left are mostly the others.
#
# ### From two kinds to many
#
# Real customers are not of two kinds. Let everyone have their own chance $\theta$ of leaving at a renewal, the same every year, and let these chances be spread over the customers as a **beta distribution**: a flexible shape between 0 and 1 with two parameters, $\alpha$ and $\beta$, and the mean $\alpha/(\alpha+\beta)$. Averaged over all who are still there, the retention rate of renewal $t$ is
#
# $$r(t) = \frac{\beta + t - 1}{\alpha + \beta + t - 1}.$$
#
# Read it as a vote: at first $\alpha$ voices say "leaves" and $\beta$ say "stays", and each renewal we see adds one voice to "stays". The share still there, $S(t)$, is the product $r(1)\cdots r(t)$. This is the **shifted beta-geometric** model (sBG). With $\alpha = 1$ and $\beta = 2$:

# %%
first, second = 2 / 3, 3 / 4
leave = [1 - first, first * (1 - second), first * second]
assert np.allclose(leave, [1 / 3, 1 / 6, 1 / 2])
[round(10 * share, 1) for share in leave]

# %% [markdown]
# One third leaves at the first renewal, one sixth at the second, one half is still there. Of ten customers that makes 3.3, 1.7 and 5; we saw 4, 1 and 5. Not bad. Can we do better? Two retention rates, two unknowns: $\beta/(\alpha+\beta) = 6/10$ says $\beta = 1.5\,\alpha$. Put that into $(\beta+1)/(\alpha+\beta+1) = 5/6$, and it follows that $9\alpha + 6 = 12.5\alpha + 5$. So $\alpha = 2/7$ and $\beta = 3/7$.

# %%
found = cl.renewals.fit(tiny)
assert np.allclose(found.coefficients["estimate"], [2 / 7, 3 / 7])
found.coefficients.round(3)

# %% [markdown]
# The call finds what we found. It also says how little ten customers tell: neither upper limit exists. And the $\alpha = 1$, $\beta = 2$ from above explains them hardly worse. (The **log-likelihood** is the logarithm of the probability of what was seen, customer by customer; closer to zero is better.)

# %%
by_hand = 4 * np.log(1 / 3) + 1 * np.log(1 / 6) + 5 * np.log(1 / 2)
round(float(by_hand), 2), round(found.loglik, 2)

# %% [markdown]
# ## The wrong way first
#
# The obvious thing to do is to draw a curve through the shares of years 0 to 7 and to prolong it. A straight line, an exponential (the same share lost each year), a quadratic:

# %%
curves = cl.renewals.naive_curves(high_end, until=12, age="year")
ends = curves[curves["age"] == 12].set_index("curve")
ends["error"] = ends["estimate"] / 0.394 - 1

# %% tags=["figure"]
assert ends["error"].round(2).tolist() == [-0.81, -0.30, 0.92]
assert ends["r_squared"].round(3).tolist() == [0.922, 0.964, 0.998]
ends.round(3)

# %% [markdown]
# $R^2$ is the share of the ups and downs that a curve explains (for the exponential on the scale of logarithms), and 1 is perfect. The quadratic reaches .998 and errs the most: 92 % too high in year 12, where 39.4 % were really left. The line is 81 % too low, the exponential 30 %.

# %%
actual = table[table["segment"] == "High End"].set_index("year")["percent"] / 100
with cl.plot.style():
    fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
    for name, part in curves.groupby("curve", sort=False):
        ax.plot(part["age"], part["estimate"], label=name)
    ax.plot(actual[:8], "o", color="black", label="seen")
    ax.plot(actual[8:], "o", color="black", markerfacecolor="white", label="held back")
    ax.set(xlabel="year", ylabel="still customers", xlim=(-0.2, 12.2), ylim=(0, 1.03))
    ax.yaxis.set_major_formatter("{x:.0%}")
    ax.legend(ncols=2, loc="lower left")

# %% [markdown]
# The quadratic has the dead return: after year 7 it climbs. A good fit to the past is no promise; the curves know nothing about customers.
#
# ## One call

# %% tags=["figure"]
high = cl.renewals.fit(high_end, age="year")
assert high.coefficients["estimate"].round(3).tolist() == [0.668, 3.806]
high.coefficients.round(3)

# %% tags=["figure"]
low = cl.renewals.fit(regular, age="year")
assert low.coefficients["estimate"].round(3).tolist() == [0.704, 1.182]
low.coefficients.round(3)

# %% [markdown]
# These are the published parameters: .668 and 3.806 for High End, .704 and 1.182 for Regular. `fit` looks for the pair that makes what was seen most probable (maximum likelihood); the last two columns are the 95 % limits. What does a pair say? First the mean chance of leaving among those who *begin*:

# %%
means = {name: fit.coefficients["estimate"] for name, fit in (("High End", high), ("Regular", low))}
{name: round(float(ab[0] / ab.sum()), 3) for name, ab in means.items()}

# %% [markdown]
# 14.9 % against 37.3 %. And $\alpha$ below 1, as in both, says that the customers differ a great deal: the chance of leaving is close to 0 for very many.
#
# ## Read the picture

# %%
with cl.plot.style():
    fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    for name, model in [("High End", high), ("Regular", low)]:
        ahead = model.project(12)
        (line,) = ax.plot(ahead["estimate"][:8], label=f"{name}: fitted")
        ax.plot(ahead["estimate"][7:], "--", color=line.get_color(), label=f"{name}: projected")
        band = ahead["age"], ahead["conf_low"], ahead["conf_high"]
        ax.fill_between(*band, color=line.get_color(), alpha=0.2)
        seen = table[table["segment"] == name].set_index("year")["percent"] / 100
        ax.plot(seen, "o", color="black", markersize=4, label="_")
    ax.set(xlabel="year", ylabel="still customers (share)", xlim=(-0.2, 12.2), ylim=(0, 1.03))
    ax.legend()

# %% [markdown]
# Dots are what happened, solid lines what was fitted, dashed lines what was projected, and the bands are the 95 % limits. Mind two things about these bands. They hold what is uncertain about $\alpha$ and $\beta$, and not that the world may change. And they rest on our 1,000 customers. With 100 the same percentages give the same curve and a band three times as wide:

# %%
few = cl.renewals.fit(high_end.assign(customers=high_end["percent"]), age="year")
both = pd.concat([fit.project(12).tail(1) for fit in (high, few)], keys=["1,000", "100"])
both[["age", "estimate", "conf_low", "conf_high"]].round(3)

# %% [markdown]
# ## Held against what happened
#
# `holdout` fits years 0 to 7 and compares its projection with the years after.

# %% tags=["figure"]
roles = {"cohort": "segment", "age": "year", "fit_until": 7}
ahead = [cl.renewals.holdout(table[table["segment"] == s], **roles) for s in means]
ahead = pd.concat(ahead, ignore_index=True).rename(columns={"cohort": "segment"})
assert ahead["error"].abs().max() < 0.05
ahead.pivot(index="age", columns="segment", values="error").round(3)

# %% [markdown]
# Within 5 % of what happened, in both cohorts and all five years; in the twelfth the error is 4.1 % and 1.7 %. But it is always on the same side, and for High End it grows from year to year: the model is a little too pessimistic. We come back to that.
#
# Now the answer. In year 7 there were 491 High End customers of the 1,000. Of those who are there in year 7, the share $S(12)/S(7)$ is still there five years later:

# %%
curve = high.project(12)["estimate"]
share = float(curve[12] / curve[7])
round(share, 3), round(491 * share), round(1000 * float(curve[12]))

# %% [markdown]
# 77.3 %, that is 380 customers (or 378, reckoned from the 1,000 who began). There were 394.
#
# ## Retention rises because of sorting

# %%
with cl.plot.style():
    fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for name, model in [("High End", high), ("Regular", low)]:
        seen = table[table["segment"] == name].set_index("year")["percent"]
        (line,) = ax.plot(model.project(12)["retention"], label=f"{name}: model")
        ax.plot(seen / seen.shift(), "o", color=line.get_color(), label=f"{name}: actual")
    ax.set(xlabel="renewal", ylabel="retention rate", xlim=(0.5, 12.5), ylim=(0.6, 1))
    ax.yaxis.set_major_formatter("{x:.0%}")
    ax.legend(loc="lower right")

# %% [markdown]
# In the model every customer keeps the same chance of leaving for ever, and still the lines rise. So rising retention proves nothing about a loyalty programme. (One dot defies the model: fewer High End customers renewed the second time than the first, 85.5 after 86.9 %. Sorting alone cannot do that; see below.)
#
# For the proof we make 100,000 customers (generated, not real), give each a chance of leaving drawn with $\alpha = 0.7$ and $\beta = 1.2$, and let them renew or leave by lot.

# %%
rng = np.random.default_rng(3)
theta = rng.beta(0.7, 1.2, 100_000)
life = rng.geometric(theta)  # the renewal at which each of them leaves
made = pd.DataFrame({"age": range(8), "customers": [int((life > t).sum()) for t in range(8)]})

# %%
still = [theta[life > t].mean() for t in range(8)]
assert [round(still[t], 2) for t in (0, 7)] == [0.37, 0.08]
made.assign(mean_theta=still).round(3)

# %% [markdown]
# The mean chance of leaving falls from 37 to 8 %, and not a single customer has changed. From the counts alone, `fit` finds both parameters again, between limits:

# %%
again = cl.renewals.fit(made).coefficients
assert (again["conf_low"] < [0.7, 1.2]).all() and (again["conf_high"] > [0.7, 1.2]).all()
again.round(3)

# %% [markdown]
# ## What is left of a customer's life
#
# The **tenure** is the number of years someone is a customer. For how many of the first five, the first twelve, of all years?

# %%
[round(high.tenure(years), 2) for years in (5, 12)], high.tenure()

# %% [markdown]
# 3.88 of five years and 7.16 of twelve. But without an end the mean is infinite. That is no slip: with $\alpha$ at or below 1 the most loyal stay so long that the mean has no bound. Nobody lives for ever, so name a horizon, or discount, as in notebook 31: money due in a year is worth $1/(1+d)$ today. The **discounted expected residual lifetime** (DERL) counts the renewals still to come in this way. A High End customer has renewed seven times; $d$ is 10 %:

# %% tags=["figure"]
rest = high.derl(7, discount=0.10)
assert rest["estimate"].round(3).tolist() == [7.530, 6.845, 7.845]
rest["value"] = 10 * rest["estimate"]
rest.round({"estimate": 3, "value": 2})

# %% [markdown]
# At 10 dollars of profit per renewal this customer is worth 75.30 dollars by the first convention, `next_now`: the next renewal is just due and is not discounted. With `next_discounted` it lies a whole year ahead: 6.845 renewals. With `with_current` the payment of today counts too: 7.845. All three are right at their own moment, so name yours.
#
# What if we had taken one churn rate for all, the mean 14.9 %, and the formula of notebook 31? Beside it a new customer and the one with seven renewals:

# %%
r = float(curve[1])
constant = r * 1.10 / (1.10 - r)
new, old = (high.derl(n, discount=0.10)["estimate"][0] for n in (0, 7))
[round(float(n), 2) for n in (constant, new, old)]

# %% [markdown]
# 3.75 renewals instead of 5.41 for a new customer, and half of what the old one is worth. One churn rate for all undervalues the customers, most of all the faithful.
#
# ## When customers change after all
#
# The projections for High End were too low, each year a little more. Perhaps some customers do become more loyal, or tired. The **beta discrete Weibull** form (BdW) adds a third parameter: at $c < 1$ each customer's own chance of leaving falls with the years, at $c > 1$ it rises, and $c = 1$ is the model from above.

# %% tags=["figure"]
weibull = cl.renewals.fit(high_end, age="year", model="bdw")
assert weibull.coefficients["estimate"].round(2).tolist() == [0.21, 1.43, 1.72]
weibull.coefficients.round(2)

# %% [markdown]
# .21, 1.43 and 1.72, as published. $c$ lies above 1, and so do both its limits: here customers grow tired, and differ all the more to make up for it. The first four retention rates, seen and by both models:

# %%
ways = {"actual": actual / actual.shift()}
ways |= {fit.model: fit.project(4)["retention"] for fit in (high, weibull)}
pd.DataFrame(ways).loc[1:4].round(3)

# %% [markdown]
# Now the second renewal is the lowest here too. Does it help with the future?

# %%
rows = []
for name, data in table.groupby("segment"):
    for model in ("sbg", "bdw"):
        fit = cl.renewals.fit(data[data["year"] <= 7], age="year", model=model)
        error = cl.renewals.holdout(data, **roles, model=model)["error"].iloc[-1]
        c_low = fit.coefficients.set_index("term")["conf_low"].get("c")
        rows.append([name, model, fit.loglik, c_low, error])

# %% tags=["figure"]
judged = pd.DataFrame(rows, columns=["segment", "model", "loglik", "c_low", "error"])
assert judged["error"].round(3).tolist() == [-0.041, 0.025, -0.017, 0.025]
judged.round(3)

# %% [markdown]
# For High End yes: the log-likelihood gains nearly 6, and the error in year 12 shrinks from −4.1 to 2.5 %. For Regular no: it gains less than one, the lower limit of $c$ is below 1, and the projection gets worse, from −1.7 to 2.5 %. Take the third parameter where the data ask for it.
#
# ## Several cohorts
#
# Most firms have a cohort from each year, followed for different lengths. A published example has two cases; we build four cohorts of each, which began one year apart.

# %%
cases = cl.datasets.load("contract_cohorts")
parts = [cases[cases["year"] <= 4 - start].assign(cohort=start) for start in range(4)]
staggered = pd.concat(parts, ignore_index=True)
staggered.pivot(index=["case", "cohort"], columns="year", values="customers").astype("Int64")

# %% [markdown]
# Both cases keep 80 % at the first renewal. `fit` takes all cohorts of a case at once; a short one counts for the years it was seen.

# %% tags=["figure"]
fits = [cl.renewals.fit(part, age="year") for _, part in staggered.groupby("case")]
assert fits[0].coefficients["estimate"].round(3).tolist() == [3.798, 15.192]
pd.DataFrame([fit.coefficients["estimate"].tolist() for fit in fits], [1, 2]).round(3)

# %%
worth = [[fit.derl(n, discount=0.10)["estimate"][0] for n in (0, 4)] for fit in fits]
pd.DataFrame(worth, index=["case 1", "case 2"], columns=["new", "after 4"]).round(2)

# %% [markdown]
# In case 1 (3.798 and 15.192) the customers resemble each other, and four renewals add little: 3.84 against 3.31. In case 2 they are of two extremes; whoever is left after four renewals will make 10.19 more (discounted, `next_now`), more than two and a half times as many as in case 1. The first year's churn, the figure most reports show, is the same in both.
#
# ## What you have learnt
#
# * A curve through the past may fit at .998 and still fail. Hold years back, and look.
# * Retention rises with age because those who leave easily leave first.
# * Two parameters project a cohort; limits need real counts, and do not cover a changed world.
# * Whoever has stayed is worth more than a newcomer. A residual lifetime needs its convention.
# * Add a parameter where the data ask for it, and check that it helps.
#
# | term | 中文 | |
# |---|---|---|
# | cohort | 同期群 | customers who began together |
# | retention rate | 保持率 | share of those still there who renew |
# | shifted beta-geometric model | 移位贝塔几何模型 | each customer with a constant chance of leaving of their own |
# | heterogeneity | 异质性 | customers differ |
# | holdout | 留出验证 | years held back to judge a projection |
# | expected tenure | 期望存续期 | how many years a new customer stays, on average |
# | residual lifetime | 剩余生命周期 | renewals still to come |
#
# ## Exercises
#
# Put your answer in place of the `...` and run the cell. Hints and solutions are folded.
#
# **1.** By hand.

# %%
q1 = cl.learn.exercise("03.1")
q1

# %%
answer = ...
q1.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q1.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q1.check(3 / 4 * 4 / 5)

# %% [markdown]
# **2.** Five more years of the Regular cohort.

# %%
q2 = cl.learn.exercise("03.2")
q2

# %%
answer = ...
q2.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q2.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
curve = low.project(12)["estimate"]
q2.check(1000 * curve[12] / curve[7])

# %% [markdown]
# **3.** What a faithful customer is worth.

# %%
q3 = cl.learn.exercise("03.3")
q3

# %%
answer = ...
q3.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q3.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q3.check(20 * high.derl(4, discount=0.15).set_index("convention")["estimate"]["with_current"])

# %% [markdown]
# **4.** The next renewal.

# %%
q4 = cl.learn.exercise("03.4")
q4

# %%
answer = ...
q4.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q4.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q4.check(fits[1].project(5)["retention"].iloc[-1])

# %% [markdown]
# **5.** A proud report.

# %%
q5 = cl.learn.exercise("03.5")
q5

# %%
answer = ...
q5.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q5.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q5.check("acf")

# %% [markdown]
# ## References
#
# * Fader and Hardie (2007), *Journal of Interactive Marketing* 21(1), 76–90, doi 10.1002/dir.20074: how to project customer retention; the two cohorts, and their parameters.
# * Fader and Hardie (2010), *Marketing Science* 29(1), 85–93, doi 10.1287/mksc.1080.0482: what a customer base is worth when customers differ; the two cases.
# * Fader, Hardie, Liu, Davin and Steenburgh (2018), *Journal of Interactive Marketing* 43, 1–16: the Weibull form.
