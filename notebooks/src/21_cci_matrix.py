# %% [markdown]
# # What drives this customer out, and what can we do about it? The Customer Churn Index
#
# **The question.** A customer of a mobile operator gives full marks to five things and the lowest mark to one. Will they leave? And if they may: what should the operator mend first, and what can it hardly mend at all?
#
# **The decision.** Which department gets next year's money. A list of dissatisfied customers does not tell; neither does a list of what customers find important. It takes both, and a third column that only the operator can fill in.
#
# **You will learn**
#
# * how three ratings per factor become one number, the Customer Churn Index (CCI), and its parts: *stuck*, *fixable* and *secure*;
# * why multiplying the raw ratings gives points to factors with nothing wrong;
# * why averaging first can put the wrong factor on top;
# * how a lower index can be the more dangerous one, and what each slider does to it;
# * how to run the same call on a survey of 70,000 customers, with weights, segments, waves and owners.

# %%
from fractions import Fraction

import matplotlib.pyplot as plt
import pandas as pd

import churnlab as cl

# %% [markdown]
# ## Meet the data
#
# Article 000 of this course shows two small tables. The first holds what one customer thinks of six factors, from 1 (lowest) to 10. The second repeats these scores, adds the *importance* of each factor and, from the operator's side, its *improvability*: how feasible it is to make it better. Let us see them as one, with the names in both languages.

# %% tags=["figure"]
table_1, table_2 = (cl.datasets.load(name) for name in ("cci_table_1", "cci_table_2"))
assert table_2["satisfaction"].equals(table_1["satisfaction"])
cl.datasets.load("cci_factors").merge(table_2).drop(columns="factor")

# %% [markdown]
# Look at it for a moment before you read on. Where would you put the money?
#
# ## From ratings to shares
#
# The article prints the matrix and reads it in words. It gives **no formula and no thresholds**. What follows is churnlab's own definition, CCI version 1; it is meant to be simple enough for paper, and to arrive at the article's conclusions.
#
# 1. A rating $x$ from 1 to 10 becomes a share, $u(x) = (x-1)/9$: the floor is 0, the top is 1. (This rescaling is called *percent of maximum possible*, POMP.) It is applied to all three columns.
# 2. **Importance share** $w$: the factor's $u(I)$ divided by the sum over the factors. What matters to a customer adds up to 1.
# 3. **Deficit** $d = 1 - u(S)$: how much satisfaction is missing.
# 4. **Pressure** $w\,d$: what pushes the customer out. It matters *and* it is lacking.
# 5. **Improvability** $m = u(M)$, read as the share of the deficit that the firm can remove. It splits the pressure: **fixable** $w\,d\,m$ and **stuck** $w\,d\,(1-m)$.
#
# What matters and is satisfied is **secure**, $w\,(1-d)$. So every importance share is cut into three parts without remainder, and the CCI is 100 times the sum of the pressures: 0 if nothing pushes out, 100 if everything that matters is at the floor.
#
# ## By hand: six factors
#
# Points above the floor first. They are whole numbers, so we can keep exact fractions throughout.

# %%
rated = table_2.set_index("factor")
points = (rated["importance"] - 1).tolist()
points, sum(points)

# %% [markdown]
# 23 points of importance in all; image has none. Now shares, deficits and improvabilities:

# %%
hand = pd.DataFrame(index=rated.index)
hand["share"] = [Fraction(p, sum(points)) for p in points]
hand["deficit"] = [Fraction(10 - int(s), 9) for s in rated["satisfaction"]]
hand["improvability"] = [Fraction(int(m) - 1, 9) for m in rated["improvability"]]
hand

# %% [markdown]
# (Python shortens fractions: 6/9 appears as 2/3.) Multiply along the rows:

# %% tags=["figure"]
hand["pressure"] = hand["share"] * hand["deficit"]
hand["fixable"] = hand["pressure"] * hand["improvability"]
hand["stuck"] = hand["pressure"] - hand["fixable"]
assert hand.loc["coverage", "pressure":].tolist() == [
    Fraction(7, 23), Fraction(14, 69), Fraction(7, 69)
]  # fmt: skip
hand[["pressure", "fixable", "stuck"]]

# %% [markdown]
# Only coverage presses: 7/23, of which 14/69 can be removed and 7/69 cannot. All others are zero, however important or easy they are, because nothing is lacking there. In points of 100:

# %%
by_hand = 100 * hand[["pressure", "fixable", "stuck"]].sum().astype(float)
by_hand.round(4)

# %% [markdown]
# ## The wrong way first
#
# Three columns, each higher for "do something": it is tempting to multiply the ratings as they stand. Satisfaction counts down, so take $(11 - S) \cdot I \cdot M$. Engineers rank the risks of a machine in this manner.

# %%
raw = (11 - rated["satisfaction"]) * rated["importance"] * rated["improvability"]
raw.sort_values(ascending=False)

# %% [markdown]
# Coverage is on top, so what is wrong? Customer service comes second, with **full marks**. Its 36 points say only that service is easy and somewhat important. A product can reach zero only if one of the numbers multiplied can, and 1 to 10 has no zero. Below the first place this is a ranking of factors with nothing to mend.
#
# And the scale itself takes part in the vote. Let two factors be rated (satisfaction, importance, improvability) 1, 9, 1 and 9, 2, 2. Then ask the same people on a form from 0 to 9. Every answer is one lower: 0, 8, 0 and 8, 1, 1. The formula takes satisfaction from the top of the scale plus 1, so $11 - S$ becomes $10 - S$:

# %%
old = ((11 - 1) * 9 * 1, (11 - 9) * 2 * 2)
new = ((10 - 0) * 8 * 0, (10 - 8) * 1 * 1)
assert old[0] > old[1] and new[0] < new[1]
old, new

# %% [markdown]
# 90 against 8 becomes 0 against 2: the order turns round, and nobody changed their mind. Shares do not know which numbers were printed on the form.
#
# ## One call, equal to the hand result

# %%
matrix = cl.cci.matrix(table_2)
same = matrix.set_index("factor").loc[hand.index, ["pressure", "fixable", "stuck"]]
assert (abs(same - hand[same.columns].astype(float)) < 1e-15).all(axis=None)
matrix.drop(columns=["n", "satisfaction", "importance", "improvability"]).round(4)

# %% [markdown]
# Most pressure comes first. `share` is the factor's part of all pressure. The check on any such table: fixable, stuck and secure add up to the importance share. The matrix is in shares; `index` gives its sums in points of 100:

# %%
whole = cl.cci.index(table_2)
assert (abs(whole.loc[0, ["cci", "fixable", "stuck"]].tolist() - by_hand) < 1e-12).all()
whole.round(4)

# %% [markdown]
# Of what matters to this customer, three tenths are a reason to leave: 30.4 points, two thirds of which can be removed. There are no 95 % limits ([lesson 01](01_churn_rate.ipynb)): one customer tells nothing about others.
#
# ## Read the pictures
#
# The map has importance across and the deficit upwards. Discs grow with the pressure; dark ones are hard to mend.

# %%
names = cl.datasets.load("cci_factors").set_index("factor").to_dict()
ax = cl.plot.cci_map(matrix, names=names["english"])

# %% [markdown]
# Top right is where customers are lost, and coverage stands there alone. The bars say *how much*: each is one factor's importance share, cut into stuck, fixable and secure, from left to right.

# %%
ax = cl.plot.cci_bars(matrix, names=names["english"])

# %% [markdown]
# The grey is not idle. Grey is what would be lost if satisfaction slipped: new technology has the most of it.
#
# ## The article's two conclusions
#
# **First: coverage drives this customer, and it can be changed quickly.** It has the lowest score and the highest importance, and left alone it easily leads to churn. The easiest to improve is service, then coverage; a customer with no other complaint is soon content again.

# %% tags=["figure"]
first = matrix.set_index("factor")
assert rated["satisfaction"].idxmin() == rated["importance"].idxmax() == "coverage"
assert first.loc["coverage", "share"] == 1 and first.loc["coverage", "verdict"] == "fix now"
assert first["fixable"].idxmax() == "coverage"
easiest = rated["improvability"].nlargest(2)
assert easiest.index.tolist() == ["customer_service", "coverage"]
easiest

# %% [markdown]
# **Second: new technology with a score of 2 would be dangerous.** The article changes that one rating and leaves open whether coverage stays as poor as it was. So there are two variants: in A both are poor, in B coverage has full marks.

# %% tags=["figure"]
files = {"table 2": "cci_table_2", "A": "cci_variant_a", "B": "cci_variant_b"}
cases = {case: cl.datasets.load(file) for case, file in files.items()}
totals = pd.concat({case: cl.cci.index(table) for case, table in cases.items()}).droplevel(1)
totals = totals[["cci", "fixable", "stuck"]].round(4)
assert totals.loc["table 2"].tolist() == [30.4348, 20.2899, 10.1449]
assert totals["cci"].tolist() == [30.4348, 53.6232, 23.1884]
totals

# %% [markdown]
# Compare the first row with the last. B has the **lower** index, 23.2 instead of 30.4, and yet more of it is stuck: 18.0 points instead of 10.1. A customer pressed by coverage can be kept with masts; one pressed by new technology can hardly be kept at all. That is what the article calls dangerous, and why one number is not enough.

# %% tags=["figure"]
parts = {case: cl.cci.matrix(table).set_index("factor") for case, table in cases.items()}
for case in ("A", "B"):
    assert parts[case]["stuck"].idxmax() == "new_technology"
    assert parts[case].loc["new_technology", "verdict"] == "danger"
assert parts["B"].loc["coverage", "verdict"] == "keep"
assert parts["A"]["pressure"].idxmax() == parts["A"]["fixable"].idxmax() == "coverage"

# %%
ax = cl.plot.cci_bars(cl.cci.matrix(cases["A"]), names=names["chinese"])

# %% [markdown]
# Variant A with the Chinese names: 网络覆盖 (coverage) has the longer coloured bar; 新技术 (new technology) has the longer stuck part, on the left, and coverage the longer fixable one beside it. *What drives*, *what to mend first* and *what is dangerous* are three questions, and here they have two answers.
#
# **And a low score for image is no reason to leave.** Give it the lowest mark:

# %% tags=["figure"]
poor = table_2.copy()
poor.loc[poor["factor"] == "image", "satisfaction"] = 1
image = cl.cci.matrix(poor).set_index("factor").loc["image", ["deficit", "pressure", "verdict"]]
assert image.tolist() == [1, 0, "minor"]
image

# %% [markdown]
# ## Verdicts
#
# `verdict` puts each of the three columns above or below the middle of its scale, and gives the combination a word.
#
# | lacking | matters | can be improved | verdict | where we met it |
# |---|---|---|---|---|
# | yes | yes | yes | **fix now** | coverage |
# | yes | yes | no | **danger** | new technology in A and B |
# | no | yes | yes | **keep** | coverage in B |
# | no | yes | no | **guard** | call quality; new technology in Table 2 |
# | yes | no | – | **minor** | image with the lowest mark |
# | no | no | – | **low** | price, service, image |
#
# "Guard" explains the article's choice of example: nothing is wrong with new technology yet, but it matters, and a loss could hardly be mended. The middle is fixed, so a factor's verdict never changes because another was added.
#
# ## Move a rating yourself
#
# `explorer.cci()` shows this table with a slider for every rating; map, bars, verdicts and the three orders follow, by mouse or with the arrow keys. It needs a notebook that runs (`make lab`); there, write `board` into a new cell below the next one. On a page that only shows results, `explorer.ranked_matrix` says the same: here is variant A again, made by moving one slider.

# %%
board = cl.explorer.cci(names=names["english"])
moved = cl.explorer.ranked_matrix(changes={("new_technology", "satisfaction"): 2})
assert moved.set_index("factor")["stuck"].equals(parts["A"]["stuck"])
moved[["factor", "verdict", "rank_pressure", "rank_fixable", "rank_stuck"]]

# %% [markdown]
# Service, image and the others share third place: equal values are ties, not an order.
#
# ## From one customer to many: another wrong way first
#
# A survey has many customers. Is it not enough to average the ratings of each factor, and to work out the matrix once? Take 100 customers of two kinds, invented to make the point: 60 low-end users who care for price, and 40 businesses who care for technology and coverage.

# %%
kinds = pd.DataFrame(
    [("low-end", 60, "price", 4, 9), ("low-end", 60, "new_technology", 3, 1),
     ("low-end", 60, "coverage", 6, 6), ("business", 40, "price", 8, 2),
     ("business", 40, "new_technology", 8, 9), ("business", 40, "coverage", 4, 8)],
    columns=["kind", "people", "factor", "satisfaction", "importance"])  # fmt: skip
each = kinds.loc[kinds.index.repeat(kinds["people"])]
means = each.groupby("factor", as_index=False)[["satisfaction", "importance"]].mean()
averaged = cl.cci.matrix(means).set_index("factor")["pressure"]
means.round(1)

# %% [markdown]
# These are perfectly good averages. Beside what comes out of them stands the mean of each customer's own pressure; `people` serves as a weight.

# %%
true = cl.cci.matrix(kinds, customer="kind", weight="people").set_index("factor")["pressure"]
assert true.idxmax() == "price" and averaged.idxmax() == "coverage"
pd.DataFrame({"averaged first": averaged, "customers first": true}).round(4)

# %% [markdown]
# Averaging first, coverage leads and new technology seems to need attention. In truth price leads, with 0.2517, and new technology presses only the businesses, at 0.11 each. Why? Those who dislike the new technology are just the ones who do not care for it, and those who suffer from the price hold nothing more important. An average does not know who said what. For the same reason `cl.cci.matrix` wants the ratings of each customer, and works out customers before means.
#
# ## The same call on 70,000 customers
#
# The ratings are **generated**: a made-up telecom survey, asked before and after coverage was widened. Businesses were sampled more densely than low-end users; `weight` sets that right.

# %%
ratings = cl.datasets.generate_ratings(70_000, seed=1)
ease = table_2[["factor", "improvability"]]
assert len(ratings) < 1_000_000
ratings.head(6)

# %% [markdown]
# Customers know nothing of what the firm can improve. So improvability comes as a table of its own; we take the column of Table 2. (Several rows for a factor would be several managers, and their opinions would be averaged.)

# %%
options = {"improvability": ease, "weight": "weight"}
waves = cl.cci.index(ratings, by="wave", **options)
waves.round(2)

# %% [markdown]
# Read the 95 % limits as for any mean of a sample: 33.2 to 33.6 for the first wave. They know how many were asked, and nothing of who did not answer. The ledger says what was left out:

# %%
lines = cl.ledger(waves)
lines.loc[lines["unit"] != "factors", ["unit", "fate", "rule", "n"]]

# %% [markdown]
# Each customer counts once per wave: 70,000 in the first and 52,539 in the second make the 122,539 that were read. Rows with a missing rating are left out, and the customer's shares are formed over the factors that remain. 25 times a customer said that nothing they rated matters: an index of 0/0, which is neither 0 nor 100, so it is not counted. The last line counts the customers who are in both waves.
#
# What if we had ignored the weights? And who was asked, and whom do they stand for?

# %%
before = ratings[ratings["wave"] == 1]
naive = cl.cci.index(before, improvability=ease).loc[0, "cci"]
assert round(naive, 1) == 36.6
by_segment = cl.cci.index(before, by="segment", **options).set_index("segment")
weight = before.drop_duplicates("customer").groupby("segment")["weight"].sum()
by_segment = by_segment.assign(customers=weight / weight.sum())
by_segment[["n", "n_effective", "customers", "cci", "conf_low", "conf_high"]].round(2)

# %% [markdown]
# Without weights the index would have been 36.6 (the cell checks it), three points too much. `n_effective` is how many customers with equal weights would tell as much; within a segment all weights are equal. Businesses are two thirds of those asked (`n`), one third of the customers, and under more pressure.
#
# ### Did it really fall by 11 points?
#
# From 33.4 to 22.5: that looks like 10.9 points won with coverage. But a quarter of the customers are missing from the second wave. In these generated data every one of them has left; in a real survey some would only be tired of forms. Let us look at the *first* answers of those who stayed and of those who were gone by the second wave.

# %%
still_there = before["customer"].isin(ratings.loc[ratings["wave"] == 2, "customer"])
stay = cl.cci.index(before.assign(still_there=still_there), by="still_there", **options)
gone, stayed, second = *stay["cci"], waves.loc[1, "cci"]
assert [round(stayed - second, 1), round(waves.loc[0, "cci"] - stayed, 1)] == [8.6, 2.3]
stay[["still_there", "n", "cci", "fixable", "stuck"]].round(2)

# %% [markdown]
# Those who were gone had been the unhappy ones, with 40.4 points against 31.1. Those who stayed went from 31.1 to 22.5, by 8.6 points; the other 2.3 were won by losing customers. Compare waves on those who are in both. (Even these two groups differ by a few people: of the 52,539 a few cared for nothing they rated, so 52,532 have an index in the first wave and 52,524 in the second.)
#
# ### Who is pressed by what?
#
# First the two factors with most pressure of each segment as numbers, then three as bars.

# %%
segments = cl.cci.matrix(before, by="segment", **options)
top = segments.groupby("segment").head(2)
top[["segment", "factor", "importance", "deficit", "pressure", "stuck", "verdict"]].round(3)
# %%
with cl.plot.style():
    fig, axes = plt.subplots(2, 1, figsize=(7.4, 4.2), layout="constrained")
    for ax, (segment, part) in zip(axes, segments.groupby("segment"), strict=True):
        cl.plot.cci_bars(part.head(3), names=names["english"], ax=ax)
        ax.set_title(segment.replace("_", "-"), loc="left")
        ax.set_xlim(0, 33)

# %% [markdown]
# Coverage leads in both. The second place differs, as the article expects: price for the low-end users, new technology for businesses. A single matrix of everybody has only one second place to give.
#
# One warning about verdicts of a whole population: they judge its *mean* ratings.

# %%
after = cl.cci.matrix(ratings[ratings["wave"] == 2], **options)
after.loc[:1, ["factor", "deficit", "pressure", "share", "verdict"]].round(3)

# %% [markdown]
# In the second wave coverage is called "keep", because the mean deficit, 0.47, has just passed the middle. Still it makes up half of all pressure. Let the verdict open the talk, and the pressure decide it.
#
# ## Whose desk is it on?
#
# Name an owner in the improvability table, and the matrix adds up by owner.

# %%
desks = {"price": "sales", "call_quality": "network", "coverage": "network",
         "customer_service": "service", "image": "marketing", "new_technology": "technology"}  # fmt: skip
owned = ease.assign(owner=ease["factor"].map(desks))
owners = cl.cci.owners(before, improvability=owned, weight="weight")
owners.round(3)

# %% [markdown]
# The network has 70 % of the pressure, and most of that is fixable. Sales has little, all of it stuck: Table 2 gives price the lowest improvability, which is to say that the operator rules it out. Network also owns two factors (`n_factors`), so part of its sum is the number of its duties.
#
# ## Every customer's own index
#
# `per_customer` gives a row for each, ready to be joined to what they did. Its weighted mean is the index again:

# %%
own = cl.cci.per_customer(before, **options).frame
mean = (own["cci"] * own["weight"]).sum() / own["weight"].sum()
assert abs(mean - waves.loc[0, "cci"]) < 1e-9
own.head(3).round(2)

# %% [markdown]
# `n` counts the factors answered; an index from three answers is not one from six. Did those with a high index leave more often?

# %%
own["gone"] = ~own["customer"].isin(ratings.loc[ratings["wave"] == 2, "customer"])
labels = ["0 to 20 points", "over 20 to 40", "over 40 to 60", "over 60 to 80", "over 80"]
own["band"] = pd.cut(own["cci"].round(6), [-1, 20, 40, 60, 80, 100], labels=labels)
own.groupby("band", observed=True)["gone"].agg(["size", "mean"]).round(3)

# %% [markdown]
# From 13 % of those with at most 20 points to 43 % of those with more than 80. This proves nothing about real customers: the generated ones were made so that the unhappy leave. It is the check, though, that you should run on your own, before anybody trusts an index.
#
# ## What a definition is
#
# A different definition would have given other numbers. Ours was chosen for what it keeps: a satisfied factor scores zero, the numbers on the form do not matter, the parts add up. It has its price, and three points deserve to be known.
#
# * Factors share one cake. If a customer cares *more* for something that is fine, the index **falls** (exercise 4).
# * The list of factors is part of the measurement. A new factor takes its share only from those who care for it, and so it can **reverse the ranking of a population**, though never that of one customer (exercise 5). Settle the list before the first wave, and keep it.
# * Improvability is an opinion. The stuck part leans on it entirely, and the limits do not contain it. Ask how far an opinion may be wrong before the verdict turns (exercise 3, and [lesson 24](24_how_sure_is_the_ranking.ipynb) for every rating at once).
#
# ## What you have learnt
#
# * Pressure = importance share × deficit. It takes both to drive a customer out.
# * Improvability splits pressure into fixable and stuck. Rank all three; a lower index can be the more dangerous one.
# * Turn ratings into shares before multiplying, and work out customers before averaging.
# * Use the survey weights, and compare waves on the same people.
# * The article gives the matrix and its reading; the formula is churnlab's.
#
# | term | 中文 | |
# |---|---|---|
# | Customer Churn Index | 客户流失指数 | 100 times the sum of all pressures |
# | importance share | 重要性占比 | a factor's share of what matters to a customer |
# | deficit | 满意度缺口 | how far satisfaction is below the top |
# | pressure | 流失压力 | importance share × deficit |
# | improvability | 改善可能性 | share of the deficit that the firm can remove |
# | fixable | 可改善压力 | pressure that can be removed |
# | stuck | 难改善压力 | pressure that cannot: the danger |
# | secure | 稳固份额 | importance share that is satisfied |
# | verdict | 判定 | what to do about a factor, in a word |
# | survey weight | 调查权重 | how many customers an answer stands for |
#
# ## Exercises
#
# Put your answer in place of the `...` and run the cell. Hints and solutions are folded.
#
# **1.** By hand: one low-end customer of the example.

# %%
q1 = cl.learn.exercise("21.1")
q1

# %%
answer = ...
q1.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q1.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q1.check(Fraction(8, 13) * Fraction(6, 9))

# %% [markdown]
# **2.** Service slips. Change a copy of `table_2`.

# %%
q2 = cl.learn.exercise("21.2")
q2

# %%
answer = ...
q2.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q2.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
slipped = table_2.copy()
slipped.loc[slipped["factor"] == "customer_service", "satisfaction"] = 4
q2.check(cl.cci.index(slipped)["cci"].iloc[0])

# %% [markdown]
# **3.** How wrong may an opinion be?

# %%
q3 = cl.learn.exercise("21.3")
q3

# %%
answer = ...
q3.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q3.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
tech, worst = cases["A"]["factor"] == "new_technology", []
for opinion in range(1, 11):
    tried = cases["A"].assign(improvability=cases["A"]["improvability"].mask(tech, opinion))
    stuck = cl.cci.matrix(tried).set_index("factor")["stuck"]
    worst += [opinion] if stuck.idxmax() == "new_technology" else []
q3.check(max(worst))

# %% [markdown]
# **4.** Caring more for what is fine.

# %%
q4 = cl.learn.exercise("21.4")
q4

# %%
answer = ...
q4.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q4.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
cares = table_2.copy()
cares.loc[cares["factor"] == "price", "importance"] = 10
q4.check(cl.cci.index(cares)["cci"].iloc[0])

# %% [markdown]
# **5.** A new factor turns the ranking round.

# %%
q5 = cl.learn.exercise("21.5")
q5

# %%
answer = ...
q5.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q5.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
three = pd.DataFrame(
    {"customer": ["Ann", "Bo"] * 3, "factor": ["A", "A", "B", "B", "C", "C"],
     "satisfaction": [1, 10, 10, 2, 10, 10], "importance": [10, 10, 10, 10, 10, 1]}
)  # fmt: skip
q5.check(cl.cci.matrix(three).set_index("factor")["pressure"]["A"])

# %% [markdown]
# **6.** Two waves of your own making.

# %%
q6 = cl.learn.exercise("21.6")
q6

# %%
answer = ...
q6.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q6.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
made = cl.datasets.generate_ratings(5_000, seed=7)
both = made[made["customer"].isin(made.loc[made["wave"] == 2, "customer"])]
points = cl.cci.index(both, by="wave", **options)["cci"]
q6.check(points[0] - points[1])

# %% [markdown]
# ## References
#
# * Article 000 of the course: Table 1, Table 2 and their reading. The formula, the variants' names A and B and the verdicts' words are churnlab's own.
