# %% [markdown]
# # One table, ten methods: how much of the answer is the formula?
#
# **The question.** Ten analysts get the same six factors, each with the same three ratings, and every one brings another method. Will they name the same factor to mend first? And the same one to mend next?
#
# **The decision.** By which rule you will read your own survey. Choose it before you see the ratings: afterwards it is tempting to take the rule whose answer you like.
#
# **You will learn**
#
# * to work out ten methods, in a few lines each;
# * why every rule that adds gives points to factors with full marks;
# * why a product of raw ratings listens to the numbers printed on the form;
# * why columns are not voters, and why weights taken from the data move when one answer moves;
# * what to ask of any definition, and where each of the others is the better tool.

# %%
from itertools import combinations, permutations, product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import churnlab as cl

# %% [markdown]
# ## Meet the data
#
# The table is the one of [lesson 21](21_cci_matrix.ipynb): one customer of a mobile operator, from article 000. Satisfaction $S$ and importance $I$ are the customer's, improvability $M$ is the operator's opinion; all on 1 to 10. In variant A new technology is poor as well, in variant B it alone is.

# %%
files = {"Table 2": "cci_table_2", "A": "cci_variant_a", "B": "cci_variant_b"}
tables = {case: cl.datasets.load(file).set_index("factor") for case, file in files.items()}
tables["Table 2"]

# %% [markdown]
# We give every column a frame of its own, with the three tables side by side. Then each formula is one line, and answers for all tables at once.

# %%
columns = ["satisfaction", "importance", "improvability"]
sat, imp, ease = (pd.DataFrame({k: t[c] for k, t in tables.items()}) for c in columns)
sat

# %% [markdown]
# Only these scores differ; importance and improvability are the same in all three.
#
# Before any formula: what is asked? Three questions hide in such a table. *What pushes the customer out?* needs two columns. *What shall we mend first?* wants the third one high (we call that **act**), and *what is dangerous?* wants it low (**danger**). Compare a method only with those that answer the same question.
#
# ## By hand: nine steps each
#
# From 1 to 10 there are nine steps. Count, for each factor, the steps that are lacking, that matter, and that can be mended. Then add them up, and multiply them.

# %%
hand = pd.DataFrame({"lacking": 10 - sat["A"], "matters": imp["A"] - 1, "mendable": ease["A"] - 1})
steps = hand.assign(sum=hand.sum(axis=1), product=hand.prod(axis=1))
steps

# %% [markdown]
# This is variant A. Coverage: 9 + 7 + 6 = 22 steps of 27, and 9 × 7 × 6 = 378. Customer service: 0 + 3 + 8 = 11, but 0 × 3 × 8 = 0. Sum and product both see that service is easy to mend. Only the product sees that there is nothing to mend.
#
# ## The wrong way first: take the mean
#
# The mean of the three columns is the most natural rule of all. Its name in the field is *simple additive weighting*, SAW. As shares, with nine steps to the whole:

# %%
d, i, m = (10 - sat) / 9, (imp - 1) / 9, (ease - 1) / 9
scores = {"mean of shares, act": (d + i + m) / 3, "mean of shares, danger": (d + i + 1 - m) / 3}
scores["mean of shares, act"].sort_values("Table 2", ascending=False).round(3)

# %% [markdown]
# In Table 2 the second place goes to customer service, which has **full marks**. Of the 0.407 it gets, not one step is a complaint: ease makes up for having no problem. Rules that let one column make up for another are called *compensatory*. Somebody must be second? No: five factors lack nothing, and the honest answer is a tie of five at zero.

# %%
scores["mean of shares, danger"].sort_values("Table 2", ascending=False).round(3)

# %% [markdown]
# Asked about danger, the mean ranks price (full marks again) at 0.407, above service and image, for price cannot be changed.
#
# ### Does a cleverer sum help?
#
# **TOPSIS** measures how far a factor is from the best and from the worst there is. Its score is the distance to the worst as a share of both distances. First every column is put on a common scale: lowest 0 and highest 1 (*min–max*), or divided by the column's length (*vector*).


# %%
def topsis(columns, weights=(1, 1, 1)):
    weighted = [c * w for c, w in zip(columns, weights, strict=True)]
    to_best = sum((c.max() - c) ** 2 for c in weighted) ** 0.5
    to_worst = sum((c - c.min()) ** 2 for c in weighted) ** 0.5
    return to_worst / (to_best + to_worst)


# %%
raw = [11 - sat, imp, ease]
minmax = [(c - c.min()) / (c.max() - c.min()) for c in raw]
long, raw_long = ([c / (c**2).sum() ** 0.5 for c in some] for some in ([d, i, m], raw))
scores["TOPSIS, act"] = topsis(minmax)
ways = {"min–max": minmax, "vector, shares": long, "vector, raw": raw_long}
pd.DataFrame({name: topsis(way)["Table 2"] for name, way in ways.items()}).round(3)

# %% [markdown]
# Service is second in every column. Squares and roots do not change that columns are added up. And compare the last two columns: the same answers, as shares and as printed on the form, give different scores.
#
# ## Products of raw ratings
#
# Engineers rank the failures of a machine by a **risk priority number**, RPN: how often × how bad × how hard to notice, each from 1 to 10. Product managers do the same with impact, confidence and ease (ICE). Here it reads $(11-S)\,I\,M$ for *act* and $(11-S)\,I\,(11-M)$ for *danger*.

# %%
scores["raw product, act"] = (11 - sat) * imp * ease
scores["raw product, danger"] = (11 - sat) * imp * (11 - ease)
numbers = {name: scores[f"raw product, {name}"][["Table 2", "A"]] for name in ("act", "danger")}
pd.concat(numbers, axis=1)

# %% [markdown]
# Multiplying is the better idea: in A the danger is new technology, with 504 against 320, as the article has it. But the floor of every scale is 1, so nothing ever becomes 0, and service gets its 36 for no complaint at all. One could take satisfaction and improvability from 10 instead of 11:

# %%
((10 - sat) * imp * (10 - ease))[["Table 2", "A"]].T

# %% [markdown]
# 392 and 216: satisfied factors are out now. The numbers, though, still belong to this form. Let us look at all 1,000 triples of ratings.

# %%
triples = np.array(list(product(range(1, 11), repeat=3)))
old, new = triples.prod(axis=1), (triples - 1).prod(axis=1)
value, ways = np.unique(old, return_counts=True)
common = value[ways == ways.max()].tolist()
len(value), common, int(ways.max()), float((old >= 500).mean())

# %% [markdown]
# Only 120 different products exist. 60, 72 and 120 arise in 24 ways each, and 6.3 % of all triples reach half of the maximum. What if the form runs from 0 to 9, so that every number is one lower, dissatisfaction too?

# %%
one, two = np.triu_indices(1_000, k=1)
before, after = (np.sign(p[one] - p[two]) for p in (old, new))
change = {"reversed": before * after < 0, "newly tied": (before != 0) & (after == 0)}
change = pd.DataFrame(change | {"changed in any way": before != after}).mean().round(3)
assert change.tolist() == [0.030, 0.075, 0.112]
change.to_frame("share of pairs")

# %% [markdown]
# Of all pairs 3.0 % turn round and 7.5 % become ties. (With the ties that come apart, 11.2 % change.) One of them: 10, 9, 1 against 2, 2, 2 is 90 against 8, and then 0 against 1. Here dissatisfaction is lowered as well; lesson 21 left it as it was, and the order turned round there too. The car makers' handbook (AIAG and VDA, 2019) has drawn the conclusion: a table of *action priorities*, high, medium or low, took the place of the product.
#
# ## Differences and quadrants
#
# Now the methods with two columns. The **gap** is $I - S$. The **opportunity score** adds it to the importance, where it is positive: $I + \max(I - S, 0)$.

# %%
scores["gap"] = imp - sat
scores["opportunity score"] = imp + scores["gap"].clip(lower=0)
pair = pd.concat({name: scores[name] for name in ("gap", "opportunity score")}, axis=1)
pair.drop(columns="B", level=1)

# %% [markdown]
# Both lead with coverage, 7 and 15 points, and follow with new technology. In A it jumps, from −3 to 5 and from 7 to 12: that is welcome. By custom more than 15 is an extreme opportunity and 12 to 15 a strong one. But the gap subtracts degrees of satisfaction from degrees of importance, as if ten of one were ten of the other. And satisfied factors still get their importance as a score, up to 7 points in Table 2.
#
# **Importance–performance analysis**, IPA, draws a cross through the means of both columns and names the quadrants.

# %%
quadrants = {"11": "concentrate here", "01": "keep up the good work",
             "10": "low priority", "00": "possible overkill"}  # fmt: skip
poor, matters = ((flag.astype(int).astype(str)) for flag in (sat < sat.mean(), imp >= imp.mean()))
quadrant = (poor + matters).map(quadrants.get)
quadrant

# %% [markdown]
# A good first look, and in line with the article. The weak spot is the cross. Let coverage get 9 points instead of 1:

# %%
nearly = sat["Table 2"].replace(1, 9)
assert (nearly < nearly.mean())["coverage"] and nearly.median() == 10
nearly.to_frame("S").T.assign(mean=nearly.mean().round(2), median=nearly.median())

# %% [markdown]
# 9 is below the mean of 9.83, so IPA says "concentrate here". Unless all are equal, somebody is always below the mean. A cross at the medians would do no better: the median is 10, the top of the scale.
#
# ## A cross that does not move
#
# The **verdict** of lesson 21 follows the same idea as the engineers' table of action priorities: combinations get a word, not a product. Every column is cut in the middle of its scale.

# %%
words = {"111": "fix now", "110": "danger", "011": "keep", "010": "guard",
         "101": "minor", "100": "minor", "001": "low", "000": "low"}  # fmt: skip
lacks, matters, mends = (c.ge(0.5).astype(int).astype(str) for c in (d, i, m))
verdict = (lacks + matters + mends).map(words.get)
verdict

# %% [markdown]
# No arithmetic on ratings, and no factor can change the word of another. The price: within a word there is no order.
#
# ## Columns are not voters
#
# Why not let every column vote? In the **Borda** count each ranks the factors, and the places are added. Fewest wins.

# %%
places = [c.rank(ascending=False) for c in (d, i, m)]
borda = sum(places)
scores["Borda, act"] = -borda
borda.sort_values("Table 2").T

# %% [markdown]
# Service is second once more: 9 against 10.5 of new technology. Places are added now instead of shares, and a good place makes up for a bad one.
#
# **Kemeny** looks for the order with the fewest disagreements: pairs that a column would put the other way round. With six factors we can try all 720.

# %%
ballots = np.array([c["Table 2"] for c in (d, i, m)])
against = (ballots[:, :, None] < ballots[:, None, :]).sum(axis=0)
orders = list(permutations(range(6)))
cost = np.array([sum(against[pair] for pair in combinations(o, 2)) for o in orders])
best = [o for o, c in zip(orders, cost, strict=True) if c == cost.min()]
len(orders), int(cost.min()), len(best)

# %%
assert {d.index[o[0]] for o in best} == {"coverage"}
pd.Series([d.index[o[1]] for o in best]).value_counts().to_frame("orders")

# %% [markdown]
# **Nine** orders are equally good, with 6 disagreements. All begin with coverage; four go on with service, five with new technology, and both have full marks. A program that prints one of them hides eight.
#
# Do the voters agree at all? **Kendall's W** runs from 0 to 1; columns with many equal ratings need the correction for ties. Its p-value asks how often shuffled columns would agree as well. We shuffle in every possible way.

# %%
ranked = np.array([p["Table 2"] for p in places])
equal = [np.unique(row, return_counts=True)[1] for row in ranked]
ties = sum((n**3 - n).sum() for n in equal)
spread = ((ranked.sum(axis=0) - 10.5) ** 2).sum()
w = 12 * spread / (3**2 * (6**3 - 6) - 3 * ties)
shuffled = ranked[0] + ranked[1][orders][:, None] + ranked[2][orders]
p_value = (((shuffled - 10.5) ** 2).sum(axis=-1) >= spread).mean()
round(float(w), 3), round(float(p_value), 3)

# %% [markdown]
# W = 0.571, p = 0.101: no more agreement than chance may bring to six factors. And why should they agree? An important factor need not be an easy one. Voters give different answers to *one* question. Satisfaction, importance and improvability answer three, and a vote among them finds no truth. ([Lesson 24](24_how_sure_is_the_ranking.ipynb) uses W again, where it belongs: for customers.)
#
# ## Weights out of the data
#
# Equal weights look arbitrary; can the table say which column counts most? **Entropy weights** give more to the column whose values are more unequal.

# %%
parts = [c / c.sum() for c in raw]
uneven = [1 + (p * np.log(p)).sum() / np.log(6) for p in parts]
weights = pd.DataFrame({c: u / sum(uneven) for c, u in zip(columns, uneven, strict=True)}).T
scores["TOPSIS, entropy"] = topsis(minmax, [weights.loc[c] for c in columns])
weights.round(3)

# %% [markdown]
# In Table 2 satisfaction has 66 % of the say, since one score differs from five equal ones. In A **one** answer differs, and all three weights move. Had this customer been equally content with everything, satisfaction would have no weight at all: the column would be constant. A weight should say what matters to you, not what happens to vary.
#
# It gets worse when the list grows. Add one more factor, with every possible rating in turn: 1,000 new tables. In how many do two of the old six change places?

# %%
grown = [pd.DataFrame(np.vstack([np.repeat(c[["Table 2"]].to_numpy(), 1_000, axis=1), added]))
         for c, added in zip(raw, triples.T, strict=True)]  # fmt: skip
parts = [c / c.sum() for c in grown]
uneven = [1 + (p * np.log(p)).sum() / np.log(7) for p in parts]
scaled = [(c - c.min()) / (c.max() - c.min()) for c in grown]
later = topsis(scaled, [u / sum(uneven) for u in uneven]).to_numpy()

# %%
first = scores["TOPSIS, entropy"][["Table 2"]].to_numpy()
one, two = np.triu_indices(6, k=1)
turned = ((first[one] - first[two]) * (later[one] - later[two]) < 0).any(axis=0)
assert triples[turned][0].tolist() == [11 - 10, 1, 5]
int(turned.sum()), np.unique(triples[turned][:, 1:], axis=0).tolist()

# %% [markdown]
# In 20 of them: whenever the new factor has importance 1 and improvability 5 or 6, with any satisfaction. A factor that **nobody cares about** turns others round. Here is the first of the 20: satisfaction 10, importance 1, improvability 5.

# %%
pair = {"six factors": first[:, 0], "with a seventh": later[:6, turned][:, 0]}
pd.DataFrame(pair, index=d.index).loc[
    ["customer_service", "new_technology", "image", "price"]
].round(3)

# %% [markdown]
# Service and new technology change places, and so do image and price. This is *rank reversal*. Gap, opportunity score, raw product and mean of shares are free of it, because a factor's score there depends on its own ratings alone.
#
# **AHP** is the other famous source of weights. It asks for pairs: "how many times as important as price is coverage?" Often nobody is asked, and the pairs are made from ratings:

# %%
ratio = imp["Table 2"].to_numpy()[:, None] / imp["Table 2"].to_numpy()
largest = np.linalg.eigvals(ratio).real.max()
assert abs(largest - 6) < 1e-9
(imp["Table 2"] / imp["Table 2"].sum()).round(3).to_frame("weight").T

# %% [markdown]
# The consistency check comes out perfect: the largest eigenvalue is 6, the number of factors, so the consistency ratio is 0. It must be, for nobody was asked twice. The weights are $I/\sum I$, and the 36 cells add nothing. Genuine pairwise answers contradict each other a little, and that is what the check is for; by custom a ratio above 0.10 means asking again.
#
# ## One call, equal to the hand result
#
# The tenth method is the Customer Churn Index: a product, but of shares. Importance is shared out among the factors, so that pressures add up.

# %%
index = {k: cl.cci.matrix(t.reset_index()).set_index("factor") for k, t in tables.items()}
for part in ("pressure", "fixable", "stuck"):
    by_case = {case: table[part] for case, table in index.items()}
    scores[f"CCI {part}"] = pd.DataFrame(by_case).loc[d.index]
by_hand = steps["product"] / (9 * 9 * steps["matters"].sum())
assert (abs(scores["CCI fixable"]["A"] - by_hand) < 1e-15).all()
assert all((verdict[case] == table["verdict"].loc[d.index]).all() for case, table in index.items())

# %%
indices = {
    part: scores[f"CCI {part}"][["Table 2", "A"]] for part in ("pressure", "fixable", "stuck")
}
pd.concat(indices, axis=1).round(3)

# %% [markdown]
# The products of the hand table, divided by 9 × 9 × 23, are the fixable pressures: 378 becomes 0.203. What lacks nothing has exactly nothing.
#
# ### And if all columns do not count the same?
#
# A sum has weights, a product has exponents. Draw 100,000 mixes, all equally likely. Which factor of variant A comes out as the most dangerous?

# %%
mixes = np.random.default_rng(0).dirichlet([1, 1, 1], 100_000)
danger = np.array([d["A"], i["A"], 1 - m["A"]])
sums = np.bincount((mixes @ danger).argmax(axis=1), minlength=6) / len(mixes)
products = np.prod(danger ** mixes[:, :, None], axis=1)
powers = np.bincount(products.argmax(axis=1), minlength=6) / len(mixes)
assert abs(sums[5] - 43 / 75) < 0.005 and abs(sums[0] - 1 / 15) < 0.005
pd.DataFrame({"sums": sums, "products": powers}, index=d.index).query("sums > 0").round(2)

# %% [markdown]
# New technology wins 57 % of the sums (43 of 75, by geometry) and 74 % of the products ([lesson 24](24_how_sure_is_the_ranking.ipynb) derives the 74 %). In 7 % of the sums the most dangerous factor is price, with which nothing is wrong. No product can say that.
#
# ## All together
#
# The ten methods were:
#
# 1. the mean of shares;
# 2. TOPSIS;
# 3. the raw product;
# 4. the gap;
# 5. the opportunity score;
# 6. importance–performance analysis;
# 7. the verdict;
# 8. the Borda count;
# 9. the Kemeny order;
# 10. the Customer Churn Index.
#
# Entropy and AHP are not among them: they only supply weights. Kendall's W only measures agreement. Methods 6 and 7 give words, and 9 gives nine orders at once. The other seven give an order, some for more than one question: twelve rankings.

# %%
asked = {"what pushes?": ["gap", "opportunity score", "CCI pressure"],
         "mend first?": ["mean of shares, act", "TOPSIS, act", "TOPSIS, entropy", "Borda, act",
                         "raw product, act", "CCI fixable"],
         "dangerous?": ["mean of shares, danger", "raw product, danger", "CCI stuck"]}  # fmt: skip
names = [(question, name) for question, names in asked.items() for name in names]
assert len(names) == len(scores) == 12

# %% [markdown]
# Now their ranks. Equal scores share the best place, marked "=".

# %% tags=["figure"]
order = ["coverage", "new_technology", "customer_service", "call_quality", "price", "image"]
lines = {(question, name): scores[name].loc[order].round(9) for question, name in names}
rank = pd.concat({k: s.rank(ascending=False, method="min").T for k, s in lines.items()}).astype(int)
last = pd.concat({k: s.rank(ascending=False, method="max").T for k, s in lines.items()}).astype(int)
written = rank.astype(str) + (rank < last).map({True: "=", False: ""}.get)
assert (rank.xs("Table 2", level=2)["coverage"] == 1).all()
assert (rank.xs("A", level=2)["new_technology"] == 1).tolist() == 9 * [False] + 3 * [True]

# %%
with cl.plot.style():
    fig, axes = plt.subplots(1, 2, figsize=(11, 5.4), sharey=True, layout="constrained")
    for ax, case, lacking in zip(axes, ["Table 2", "A"], [1, 2], strict=True):
        ax.imshow(last.xs(case, level=2), cmap="Blues_r", vmin=1, vmax=7, aspect="auto")
        for (y, x), text in np.ndenumerate(written.xs(case, level=2).to_numpy()):
            ink = "white" if text in ("1", "2") else "black"
            ax.text(x, y, text, ha="center", va="center", color=ink)
        ax.axvline(lacking - 0.5, color="#d55e00", linewidth=2.5)
        ax.hlines([2.5, 8.5], -0.5, 5.5, color="white", linewidth=6)
        ax.set_title("Variant A" if case == "A" else case)
        ax.set_xticks(range(6), [name.replace("_", "\n") for name in order])
    _ = axes[0].set_yticks(range(12), [name for _, name in names])

# %% [markdown]
# Dark is first; a tie has the colour of its last place. Right of the orange line stand the factors with full marks, and there a good rule should have nothing to say. Three blocks for three questions; the CCI is the last line of each.
#
# * **First places.** In Table 2 all agree on coverage: where one factor is lacking, any method will do. In A they agree on what pushes and on what to mend, and on danger all three name new technology.
# * **Second places** are where methods part. On mending, all but the CCI give Table 2's to service; in the other blocks they give it to new technology. Both have full marks. The CCI gives it to nobody: five share it, with nothing.
# * **Danger is a question of its own.** No line of the other two blocks has new technology first.
#
# ## The same on 70,000 customers
#
# Is service second only by the luck of this table? Take the generated survey of lesson 21, first wave, and keep the customers with at least two factors in which something can be mended. Who comes second, customer by customer?

# %%
ratings = cl.datasets.generate_ratings(70_000, seed=1)
many = ratings[ratings["wave"] == 1].dropna().join(ease["A"].rename("improvability"), on="factor")
lack, care = (10 - many["satisfaction"]) / 9, (many["importance"] - 1) / 9
mend = (many["improvability"] - 1) / 9
many["mean of shares"] = lack + care + mend
many["raw product"] = (11 - many["satisfaction"]) * many["importance"] * many["improvability"]
many["product of shares"] = lack * care * mend
many = many[(many["product of shares"] > 0).groupby(many["customer"]).transform("sum") >= 2]
many["customer"].nunique()

# %%
rules = ["mean of shares", "raw product", "product of shares"]
place = many.groupby("customer")[rules].rank(ascending=False, method="first")
full = {rule: (many.loc[place[rule] == 2, "satisfaction"] == 10).mean() for rule in rules}
pd.Series(full, name="second place has full marks").to_frame().round(3)

# %% [markdown]
# For a fifth of these 51,479 customers (ties by the order of the form; unweighted), the mean would send the firm to a factor they gave 10 of 10, before others that they complained about. The raw product does so for 8 %. The product of shares cannot.
#
# ## Where the others are better
#
# * The **opportunity score** was made for *shares of customers*: the share who give importance one of its top two marks, and the same for satisfaction, on a scale to 10. There it does well (exercise 2 computes one). Fed with mean ratings, it is another number under the same name.
# * **IPA** is a picture for the first meeting. Put the cross in the middle of the scales.
# * **AHP** is sound where people really compare pairs, for instance five managers around a table.
# * **Kemeny** and **Kendall's W** are made for several rankings of the same thing: the factors as ranked in twelve regions, say.
# * The **mean** and **TOPSIS** suit a choice in which a strength may make up for a weakness, like choosing a phone.
# * The **verdict table** is best where the ratings are too coarse for arithmetic.
#
# ## What to ask of a definition
#
# 1. Does a factor with nothing wrong get nothing? (Sums, votes, distances, raw products, the gap and the opportunity score fail.)
# 2. Is the order the same on another form? (Raw products, entropy weights and TOPSIS with vector scaling of raw ratings can fail.)
# 3. Do two factors keep their order when a third is added? (Weights from data, TOPSIS and Borda can fail.)
# 4. Do the parts add up, so that a total can be split by factor, customer and department? (Ranks and distances fail.)
#
# The CCI was built to keep all four within one customer; in a population the third does not hold, as exercise 5 of lesson 21 shows. It has its price too: it treats the ratings as measured in equal steps, and a factor with the lowest importance counts for nothing, however poor. Someone who can live without the first rule may well choose differently.
#
# ## What you have learnt
#
# * Where one thing is wrong, every method finds it. What comes next is made by the formula.
# * Sums reward ease where there is nothing to mend; products need a true zero.
# * Columns are criteria and not voters; weights taken from the data are not about you.
# * Ask which question a method answers, then what it keeps, and settle it before you look.
#
# | term | 中文 | |
# |---|---|---|
# | compensatory rule | 补偿性规则 | one column may make up for another |
# | simple additive weighting | 简单加权法 | weighted mean of the columns |
# | TOPSIS | 逼近理想解排序法 | nearness to the best and distance from the worst |
# | risk priority number | 风险优先数 | product of three ratings as they stand |
# | opportunity score | 机会得分 | importance plus the gap, where positive |
# | importance–performance analysis | 重要性–绩效分析 | four quadrants around a cross |
# | Borda count | 波达计数 | places added up |
# | Kemeny order | 凯梅尼排序 | fewest disagreements with all rankings |
# | Kendall's W | 肯德尔和谐系数 | how far several rankings agree, 0 to 1 |
# | entropy weights | 熵权 | more weight for the more uneven column |
# | pairwise weights (AHP) | 层次分析法权重 | weights from comparisons of pairs |
# | rank reversal | 排名逆转 | two change places because a third came |
#
# ## Exercises
#
# Put your answer in place of the `...` and run the cell. Hints and solutions are folded.
#
# **1.** By hand: a new factor that hardly anybody complains about.

# %%
q1 = cl.learn.exercise("22.1")
q1

# %%
answer = ...
q1.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q1.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q1.check(((10 - 9) / 9 + (4 - 1) / 9 + (10 - 1) / 9) / 3)

# %% [markdown]
# **2.** The opportunity score as it was meant.

# %%
q2 = cl.learn.exercise("22.2")
q2

# %%
answer = ...
q2.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q2.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
important, content = 10 * 150 / 200, 10 * 60 / 200
q2.check(important + max(important - content, 0))

# %% [markdown]
# **3.** How many best orders has variant A?

# %%
q3 = cl.learn.exercise("22.3")
q3

# %%
answer = ...
q3.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q3.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
ballots = np.array([c["A"] for c in (d, i, m)])
against = (ballots[:, :, None] < ballots[:, None, :]).sum(axis=0)
cost = np.array([sum(against[pair] for pair in combinations(o, 2)) for o in orders])
q3.check((cost == cost.min()).sum())

# %% [markdown]
# **4.** How much weight does danger need?

# %%
q4 = cl.learn.exercise("22.4")
q4

# %%
answer = ...
q4.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q4.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
lead = [c.loc["new_technology", "A"] - c.loc["coverage", "A"] for c in (d, i, 1 - m)]
behind = (lead[0] + lead[1]) / 2
q4.check(-behind / (lead[2] - behind))

# %% [markdown]
# **5.** Another form.

# %%
q5 = cl.learn.exercise("22.5")
q5

# %%
answer = ...
q5.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q5.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q5.check("acd")

# %% [markdown]
# ## References
#
# * Article 000 of the course: Table 2 and its reading. The formula of the CCI and the words of the verdicts are churnlab's own.
# * Martilla and James (1977), *Journal of Marketing* 41(1), 77–79: importance–performance analysis.
# * Cohen, Cohen, Aiken and West (1999), *Multivariate Behavioral Research* 34(3), 315–346: why ratings are better read as a share of the scale.
