# %% [markdown]
# # How sure is the ranking? Second, or second by chance
#
# **The question.** A survey of 200 customers puts new technology second, price third, customer service fourth and call quality fifth. Would another 200 have said the same?
#
# **The decision.** Which factors to work on, and which not to tell apart. A list from 1 to 6 looks equally firm from top to bottom. It is not: some places are certain, others were drawn by lot.
#
# **You will learn**
#
# * why a difference needs its own standard error, and two separate intervals do not tell;
# * why resampling the customers and counting ranks promises too much;
# * how to make **rank sets**, which promise what they keep, and how many customers it takes to shrink them;
# * when two factors are tied for any practical purpose;
# * how wrong an opinion may be before the first place changes hands, and whether those asked agree at all.

# %%
from fractions import Fraction

import numpy as np
import pandas as pd
from scipy import stats

import churnlab as cl

# %% [markdown]
# ## Meet the data
#
# The ratings are **generated**, by the process of [lesson 21](21_cci_matrix.ipynb): six factors of a mobile operator, with a survey weight because businesses were asked more densely. Suppose that three institutes ask 200 customers of this operator each, on the same day, with the same form. Their seeds are 1, 2 and 3, as they came. Nobody leaves a question out, which keeps the hand calculation short.

# %%
made = [cl.datasets.generate_ratings(200, seed=k, waves=1, missing=0) for k in (1, 2, 3)]
surveys = pd.concat([table.assign(survey=k) for k, table in enumerate(made, 1)])
surveys.head(3)

# %%
places = cl.cci.rank(surveys, by="survey", weight="weight")
places = places.pivot(index="factor", columns="survey", values="rank").sort_values(1)
places

# %% [markdown]
# Ranked by pressure, importance share times deficit. All three agree on the first two and on the last. In between they do not: call quality is fifth, fourth or third, depending on the institute. No customer changed their mind. Each institute met other people.
#
# A ranking of means is an estimate like the means themselves. So what would be its "plus or minus"?
#
# ## By hand: three customers, two factors
#
# Ann, Bo and Chen are invented. Their pressures are in points of 100.

# %%
three = pd.DataFrame(
    {"price": [10, 40, 40], "new_technology": [20, 46, 54]}, index=["Ann", "Bo", "Chen"]
)
summary = three.agg(["mean", "var", "sem"])
summary.loc["half width"] = stats.t.ppf(0.975, 2) * summary.loc["sem"]
summary.round(2)

# %% [markdown]
# `sem` is the standard error of the mean, the root of the variance over 3. With three customers, 95 % limits are the mean ± 4.303 of them (Student's $t$ with two degrees of freedom). So new technology leads with 40 ± 44 against 30 ± 43. The limits overlap almost entirely. Undecided, then?
#
# Look along the rows instead.

# %%
gap = three["new_technology"] - three["price"]
gap.tolist(), round(float(gap.sem()), 2), round(float(gap.mean() / gap.sem()), 2)

# %% [markdown]
# *Every* customer has more of the second: by 10, 6 and 14 points. The mean difference is 10, its standard error only 2.31, and $t = 10/2.31 = 4.33$ is beyond 4.303. Decided, if only just. Where did the large errors go?

# %%
cov = three.cov()
both = cov.at["price", "new_technology"]
assert cov.at["price", "price"] + cov.at["new_technology", "new_technology"] - 2 * both == 16
assert gap.var() == 16 and round((16 / 3) ** 0.5, 2) == 2.31
cov

# %% [markdown]
# The variance of a difference is 300 + 316 − 2 · 300 = 16. The covariance eats the rest: Ann has little to complain about, Bo and Chen much, and whatever raises both pressures drops out of their difference. Two separate intervals cannot know it. (The covariance can be negative as well, for importance shares compete for one cake. Then the difference is *less* sure than it seems.)
#
# So limits that overlap prove nothing. Limits that do *not* overlap do prove a difference, since its standard error is never greater than the sum of the two; but only for a pair chosen beforehand. Six factors have 15 pairs, and the largest of 15 differences is large by selection.
#
# ## The wrong way first: resample, and count ranks
#
# It is tempting to let the computer find out. Draw 200 of the 200 customers with replacement, rank the factors, do so 200 times, and call the middle 95 % of a factor's ranks its interval. No formula is needed, and the result looks right.
#
# Try it where we know the truth. Each of 200 customers has six pressures, independent and uniform between 0 and 1. So all factors are **tied**: none is above another, and the true rank of each is 1. We make 300 such surveys. An interval is right if it reaches 1, and should be so in 95 % of them.

# %%
rng, n = np.random.default_rng(24), 200
tied = rng.random((300, n, 6))
lowest = np.empty((300, 6))
for k, customers in enumerate(tied):
    times = rng.multinomial(n, np.full(n, 1 / n), size=200)
    means = times @ customers
    ranks = 1 + (means[:, :, None] < means[:, None, :]).sum(axis=2)
    lowest[k] = np.quantile(ranks, 0.025, axis=0, method="inverted_cdf")
resampled = {"one factor": (lowest == 1).mean(), "all six": (lowest == 1).all(axis=1).mean()}
{k: round(float(v), 2) for k, v in resampled.items()}

# %% [markdown]
# (`times` says how often each customer was drawn; the product with it adds up 200 resamples at once.) Not 95 but 77 of 100 intervals are right. All six of a survey are right in 22 of 100. (With 300 surveys such figures have standard errors of one to three points.)
#
# Why? Resamples scatter around *this survey's* means. When factors are tied, the order of those means is chance already, and resampling takes it for the truth. More customers do not help: the order stays chance, however many are asked.
#
# ## Rank sets: count who is surely above
#
# The cure is to go back to differences. Compare every factor with every other; count how many are *surely* above and *surely* below it; all places in between are possible. First the pressures of the first institute's 200 customers, by the formula of lesson 21.

# %%
one = surveys[surveys["survey"] == 1]
points = one["importance"] - 1
share = points / points.groupby(one["customer"]).transform("sum")
own = one.assign(pressure=share * (10 - one["satisfaction"]) / 9)
wide = own.pivot(index="customer", columns="factor", values="pressure")

# %% [markdown]
# Then their means and the covariance of these means.

# %%
weight = one.groupby("customer")["weight"].first()
theta = (weight @ wide / weight.sum()).sort_values(ascending=False)
wide = wide[theta.index]
z = (wide - theta).mul(weight, axis=0) / weight.sum()
sigma = z.T @ z * n / (n - 1)
(100 * pd.DataFrame({"mean": theta, "error": np.diag(sigma) ** 0.5})).round(2)

# %% [markdown]
# `theta` is the weighted mean of each customer's pressures. `z` is each customer's contribution to its error, and `sigma` adds up the products: six variances on the diagonal, 15 covariances beside it.
#
# How large must a $t$ be to be "sure", if the largest of 15 is to be beyond it in only 5 % of all surveys? Draw 2,000 times from normal errors with this covariance and without any true difference, and note the largest of the 15.


# %%
def of_pairs(sigma):
    variance = np.diag(sigma)
    error = np.sqrt(variance[:, None] + variance - 2 * sigma) + np.eye(len(sigma))
    drawn = rng.multivariate_normal(np.zeros(len(sigma)), sigma, 2000)
    gaps = np.abs(drawn[:, :, None] - drawn[:, None, :]) / error
    return error, gaps.max(axis=(1, 2))


# %%
error, largest = of_pairs(sigma.to_numpy())
critical = np.quantile(largest, 0.95)
round(float(critical), 2), round(float((largest > 1.96).mean()), 2)

# %% [markdown]
# (The ones that `np.eye` adds stand on the diagonal, where a factor meets itself; they avoid 0/0.) The yardstick is 2.78, not the usual 1.96. Where nothing differs, the largest of 15 is beyond 1.96 in about a third of all surveys. Now all $t$ values: how far the row is above the column.

# %%
t = pd.DataFrame((theta.to_numpy()[:, None] - theta.to_numpy()) / error, theta.index, theta.index)
t.round(2)

# %%
sets = pd.DataFrame({"surely above": (t < -critical).sum(axis=1)})
sets["surely below"] = (t > critical).sum(axis=1)
sets["rank_low"] = 1 + sets["surely above"]
sets["rank_high"] = 6 - sets["surely below"]
sets

# %% [markdown]
# Coverage is above all five others, so its set is {1}. Image is below all: {6}. Nothing is sure between the four others (new technology to call quality, 2.74, falls short by a hair), so each may have any place from 2 to 5. That is what 200 customers say. This is the method of Mogstad, Romano, Shaikh and Wilhelm.
#
# ## One call, equal to the hand result

# %%
ease = cl.datasets.load("cci_table_2")[["factor", "improvability"]]
options = {"improvability": ease, "weight": "weight"}
counted = cl.cci.answers(one, **options)
ranks = cl.cci.rank(counted)
by_pressure = ranks[ranks["criterion"] == "pressure"].set_index("factor").loc[theta.index]
assert np.allclose(by_pressure["std_error"] ** 2, np.diag(sigma), rtol=1e-9)
assert by_pressure[["rank_low", "rank_high"]].equals(sets[["rank_low", "rank_high"]])
by_pressure[["estimate", "conf_low", "conf_high", "rank", "rank_low", "rank_high"]].round(4)

# %% [markdown]
# `answers` reads and counts the survey once; pass it on wherever ratings are wanted. (churnlab draws 10,000 times, and from Student's $t$, which for 200 customers makes the yardstick a little longer. Here the sets are the same.)
#
# Do the sets keep their promise? The same 300 surveys of tied factors:

# %%
lowest = np.empty((300, 6))
for k, customers in enumerate(tied):
    error, largest = of_pairs(np.cov(customers.T) / n)
    gaps = customers.mean(axis=0) - customers.mean(axis=0)[:, None]
    lowest[k] = 1 + (gaps > np.quantile(largest, 0.95) * error).sum(axis=1)
kept = {"one factor": (lowest == 1).mean(), "all six": (lowest == 1).all(axis=1).mean()}
pd.DataFrame({"resampled ranks": resampled, "rank sets": kept}).round(2)

# %% [markdown]
# They do, and all six *together*. The price is width: in 99 of 100 cases the set of a tied factor begins at the first place, and as often, by symmetry, it ends at the last. From 1 to 6 is the right answer there.
#
# ## Read the picture
#
# On the left are means with limits, on the right the rank (dot) and all places that the data leave (bar). A filled dot marks a factor that may be first.

# %%
names = cl.datasets.load("cci_factors").set_index("factor")["english"].to_dict()
ax = cl.plot.ranks(ranks, names=names)

# %% [markdown]
# ## Marginal or simultaneous, and which are the best two
#
# The sets above hold together (`kind="simultaneous"`, the default), as they must if you look at the whole list. If the factor was chosen *before* the survey, its own comparisons are enough: `kind="marginal"`. With `top=2`, `best` marks the factors that may be among the first two.

# %%
single = cl.cci.rank(counted, kind="marginal", top=2).query("criterion == 'pressure'")
single[["factor", "rank_low", "rank_high", "best", "p_top", "mean_rank"]].round(2)

# %% [markdown]
# Whoever set out to judge new technology may say "second or third". Whoever picked it because it came second may not. `best` always takes the simultaneous sets: only image is surely not among the first two. If there is money for two factors, coverage is one, and 200 customers cannot name the other.
#
# `p_top` and `mean_rank` describe draws around the estimates. New technology is among the first two in 58 % of them, price in 42 %. Nice to know, but no test: like the resampled ranks they take this survey's means for the truth.
#
# And a single customer? Table 2 of article 000 was not sampled at all.

# %%
table_2 = cl.cci.rank(cl.datasets.load("cci_table_2")).head(6)
table_2[["factor", "estimate", "std_error", "rank", "tied", "rank_low", "rank_high"]].round(4)

# %% [markdown]
# No error, and five factors with no pressure at all: each is "2=", and takes the places 2 to 6. A list that numbers them from 2 to 6 invents an order.
#
# ## How many customers does it take?

# %%
asked = (50, 200, 1000, 5000)
made = [cl.datasets.generate_ratings(k, waves=1, missing=0).assign(asked=k) for k in asked]
sizes = pd.concat(made)
by_size = cl.cci.rank(sizes, by="asked", **options).query("criterion == 'pressure'")
by_size["set"] = by_size["rank_low"].astype(str) + "–" + by_size["rank_high"].astype(str)
by_size.pivot(index="factor", columns="asked", values="set").loc[theta.index]

# %% [markdown]
# In these four surveys, fifty are enough for the most important news, that coverage is first. Two hundred set image apart, a thousand put new technology above customer service and call quality, five thousand set it second. Still price and call quality share the places 3 and 4.
#
# Before you ask, decide which difference is worth knowing. A pair's standard error shrinks with the root of $n$. To find a true difference $\delta$ in 80 of 100 surveys, it has to be 2.8 + 0.84 standard errors: the yardstick, and something for bad luck (0.84, the point below which a normal variable falls in 80 of 100 cases). From the pair price and call quality in our 200:

# %%
pair = float((theta["price"] - theta["call_quality"]) / t.at["price", "call_quality"])
{gap: round(int(200 * ((2.8 + 0.84) * 100 * pair / gap) ** 2), -2) for gap in (1, 0.5, 0.25)}

# %% [markdown]
# 1,500 customers for a difference of one point, four times as many for half of it, and again for a quarter. What would it be worth? Let us ask 70,000.

# %%
many = cl.cci.answers(cl.datasets.generate_ratings(70_000, waves=1, missing=0), weight="weight")
shown = ["factor", "estimate", "rank", "rank_low", "rank_high", "tied"]
of_many = cl.cci.rank(many)
of_many[shown].round(4)

# %% [markdown]
# Now every place is sure. Price leads call quality by 3.04 to 2.88, by 0.16 points of 100: significant, and of no use to anyone. So say beforehand what a difference must be to count. With `tolerance`, factors nearer than that are tied, and "surely above" means above by more than that:

# %%
cl.cci.rank(many, tolerance=0.005).loc[1:4, shown].round(4)

# %% [markdown]
# Price and call quality are "3=" now, within half a point (0.005 as a share). Careful: that they share places does not yet prove it, for sets are also wide if too few were asked. Ask how far apart the two can be. The error of a difference is at most the sum of both errors, and three of them are enough:

# %%
two = of_many.set_index("factor").loc[["price", "call_quality"]]
farthest = two["estimate"].max() - two["estimate"].min() + 3 * two["std_error"].sum()
round(100 * float(farthest), 2)

# %% [markdown]
# At most a third of a point: **tied for any practical purpose**, and 70,000 customers say so. That is more than "not significant".
#
# ## The other uncertainty: opinions
#
# Sets of ranks know how many were asked. They do not know whether the operator's own opinion is right. Variant A of Table 2 has poor coverage and poor new technology, and the article's two conclusions rest on it: coverage is the first to fix, and new technology is the dangerous one. How far may a rating be off before another factor takes the lead?
#
# By hand, for the improvability $M$ of new technology. Its stuck part is $16/69 \cdot (10-M)/9$, that of coverage 7/69. Both are level at

# %%
level = 10 - Fraction(7, 69) * 9 / Fraction(16, 69)
level, float(level)

# %%
opinions = cl.cci.stability(cl.datasets.load("cci_variant_a"))
known = opinions.dropna(subset="break_even").query("criterion != 'pressure'")
moves = known.set_index(["criterion", "factor", "moved"])["break_even"]
assert abs(moves["stuck", "new_technology", "improvability"] - level) < 1e-9
known = known.assign(steps=known["break_even"] - known["value"])
known[["criterion", "factor", "rank", "moved", "value", "break_even", "steps"]].round(3)

# %% [markdown]
# Read a row as: *this* rating alone moves from `value` to `break_even`, and the first place changes hands. New technology stays the most stuck until its satisfaction rises to 5.5, its importance falls to 4.375, or its improvability is 6.06 instead of 3; or until coverage is hard to improve, 4.67 instead of 7. Coverage stays the first to fix until its own improvability falls to 2.52, its importance to 2.78 or its satisfaction rises to 7.71; or until the improvability of new technology rises to 8.875. Moves that change nothing anywhere on the scale have no row here. Nor have those of the ranking by pressure, which were left out to keep the table short: they are in `opinions`, and exercise 4 asks for one.

# %%
ax = cl.plot.breakeven(opinions, names=names)

# %% [markdown]
# The figure is about *stuck*. Orange: the leader falls behind; blue: another gets ahead; the bar ends where the first place changes hands.
#
# The shortest bar is the opinion to ask for again: here the improvability of coverage, 2.33 steps from turning the conclusion. One rating moves at a time; if two are wrong together, less is enough.
#
# And the formula? Let deficit, importance and what cannot be improved count with exponents, $d^a\, i^b\, (1-m)^c$. New technology leads coverage if $c \ln(7/3) > a \ln(9/8) + b \ln(7/6)$. Let $a$, $b$, $c$ be weights that add up to 1: a triangle, from which this line cuts the corner of $c$.

# %%
a, b, c = np.log([9 / 8, 7 / 6, 7 / 3])
left = np.array([c / (c + a), c / (c + b)])
left.round(3).tolist(), round(float(left.prod()), 3)

# %% [markdown]
# The line leaves 0.878 of one edge and 0.846 of the other, so 74.3 % of all weightings call new technology the most dangerous. (The other four factors lack nothing and stay at zero.) It fails only where what cannot be improved hardly counts. The conclusion holds for three quarters of the weightings, the equal one among them ([lesson 22](22_one_table_ten_methods.ipynb) drew it by lot).
#
# ## Do those asked agree?
#
# A mean ranking may be sure, and be nobody's. First two segments, in a survey of 5,000 customers:

# %%
survey = cl.datasets.generate_ratings(5_000)
before = survey[survey["wave"] == 1]
segments = cl.cci.rank(before, by="segment", weight="weight")
segments["set"] = segments["rank_low"].astype(str) + "–" + segments["rank_high"].astype(str)
segments.pivot(index="factor", columns="segment", values=["rank", "set"]).loc[theta.index]

# %%
agreement = cl.cci.agreement(before, by="segment", weight="weight")
agreement.round(3)

# %% [markdown]
# Of 15 pairs, 12 stand in the same order in both segments and 3 in opposite orders: Kendall's `tau` is (12 − 3)/15 = 0.6. `overlap` (0 to 1; the mean over k of the share of the first k factors that both have) asks mostly about the top, where both say coverage. The sets tell what matters: price is surely second among low-end users, and fifth or sixth among businesses. A ranking of all customers would hide that from both.
#
# Then the customers among themselves: **Kendall's W**, in [lesson 22](22_one_table_ten_methods.ipynb) the agreement of three columns. Four customers rank the importance of three factors. Add up the ranks.

# %%
votes = pd.DataFrame({"a": [1, 1, 2, 1], "b": [2, 3, 1, 2], "c": [3, 2, 3, 3]})
sums = votes.sum()
w = float(12 * ((sums - sums.mean()) ** 2).sum() / (4**2 * (3**3 - 3)))
sums.tolist(), w

# %% [markdown]
# The sums are 5, 8 and 11. Had all agreed, they would be 4, 8 and 12, and W would be 1; without any agreement all would be 8, and W 0. churnlab ranks within each customer, ties included:

# %%
ballots = votes.rename_axis("customer").reset_index().melt("customer", var_name="factor")
ballots = ballots.assign(satisfaction=5, importance=10 - ballots["value"])
by_vote = cl.cci.concordance(ballots).set_index("criterion")["concordance"]
assert by_vote["importance"] == w
agreed = cl.cci.concordance(before, by="segment")
agreed[["segment", "criterion", "n", "concordance"]].round(2)

# %% [markdown]
# Businesses agree on what matters (0.82), low-end users hardly (0.29): their mean ranking of importance describes few of them. (`n` are the customers who answered everything. The test beside it, left out here, finds any agreement "significant" among thousands.)
#
# ## Before and after
#
# Last, the two waves, before and after coverage was widened, of those who answered both.

# %%
stayed = survey[survey["customer"].isin(survey.loc[survey["wave"] == 2, "customer"])]
waves = cl.cci.rank(stayed, by="wave", weight="weight")
pairs = waves.assign(points=(100 * waves["estimate"]).round(1))
pairs["set"] = pairs["rank_low"].astype(str) + "–" + pairs["rank_high"].astype(str)
pairs = pairs.pivot(index="factor", columns="wave", values=["points", "rank", "set"])
assert all(pairs[k, 1].equals(pairs[k, 2]) for k in ("rank", "set"))
pairs.sort_values(("rank", 1))

# %%
ax = cl.plot.waves(waves, names=names)

# %% [markdown]
# (Points are shifted a little to the side so that they do not hide each other.) Not one rank and not one set has changed, and yet the pressure of coverage fell from 20.1 to 11.8 points. A rank tells the order and conceals the distance. Show both, as the picture does.
#
# ## What you have learnt
#
# * The order of means is an estimate. Test differences, with their covariance, all at once.
# * Resampled ranks and separate intervals promise what they do not keep; rank sets keep it.
# * Wide sets mean "ask more", and practical ties mean "it does not matter": say beforehand which difference counts.
# * Opinions have no standard error. Report their break-even.
# * A sure ranking of all customers may be the ranking of none of them.
#
# | term | 中文 | |
# |---|---|---|
# | rank set | 排名置信集 | all ranks that the data leave to a factor |
# | simultaneous | 同时 | all sets of a ranking hold together |
# | marginal | 边际 | one set holds by itself, for a factor chosen beforehand |
# | tied | 并列 | equal, or nearer than the tolerance |
# | tolerance | 容差 | difference below which nobody would act |
# | break-even | 反超点 | the rating at which the first place changes hands |
# | Kendall's tau | 肯德尔 τ | agreement of two rankings, from −1 to 1 |
# | overlap | 前列重合度 | agreement of two rankings, above all at the top, from 0 to 1 |
# | Kendall's W | 肯德尔和谐系数 | agreement of many rankings, from 0 to 1; column `concordance` |
#
# ## Exercises
#
# Put your answer in place of the `...` and run the cell. Hints and solutions are folded.
#
# **1.** By hand: the error of a difference.

# %%
q1 = cl.learn.exercise("24.1")
q1

# %%
answer = ...
q1.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q1.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q1.check(pd.Series([8 - 5, 27 - 20, 37 - 35]).sem())

# %% [markdown]
# **2.** From counts to a set.

# %%
q2 = cl.learn.exercise("24.2")
q2

# %%
answer = ...
q2.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q2.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q2.check([1 + 2, 6 - 1])

# %% [markdown]
# **3.** How many may be among the best?

# %%
q3 = cl.learn.exercise("24.3")
q3

# %%
answer = ...
q3.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q3.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
sample = cl.datasets.generate_ratings(400, seed=7, waves=1)
q3.check(cl.cci.rank(sample, weight="weight", top=3)["best"].sum())

# %% [markdown]
# **4.** When would new technology press most?

# %%
q4 = cl.learn.exercise("24.4")
q4

# %%
answer = ...
q4.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q4.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q4.check(opinions.query("criterion == 'pressure' and rank == 1")["break_even"].iloc[0])

# %% [markdown]
# **5.** How many to ask?

# %%
q5 = cl.learn.exercise("24.5")
q5

# %%
answer = ...
q5.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q5.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q5.check(200 * ((2.9 + 0.84) * 0.6 / 1) ** 2)

# %% [markdown]
# ## References
#
# * Mogstad, Romano, Shaikh and Wilhelm, *Review of Economic Studies*, doi 10.1093/restud/rdad006: sets of ranks.
# * Article 000 of the course: Table 2, its variant and the two conclusions. The formula of the index and the names A and B are churnlab's own; so is the survey, which is generated.
