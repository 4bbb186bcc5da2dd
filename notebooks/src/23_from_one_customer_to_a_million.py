# %% [markdown]
# # From one customer to a million: means, holes, weights and small groups
#
# **The question.** Every customer who fills in the form has a matrix of their own. The firm wants one for the market, and one for each of its twelve towns. Some answers are missing, some were given without thought, some stand for two customers and some for half of one. How do a million matrices become one, and where does the way from one to a million go wrong?
#
# **The decision.** How far to trust the table on the director's desk: which differences between towns deserve money, and which will be gone next time.
#
# **You will learn**
#
# * why a mean of products is not a product of means, and by how much they differ;
# * what each treatment of unanswered cells assumes, and when it misleads;
# * to use importance that was asked as a rank, as shares of 100, or not at all;
# * how many customers a weighted or clustered survey is really worth;
# * to calm the numbers of small groups by shrinkage;
# * to count a million customers once and ask them everything.

# %%
from fractions import Fraction as F
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import churnlab as cl

# %% [markdown]
# ## By hand: four customers, one factor
#
# The words are those of [lesson 21](21_cci_matrix.ipynb): $w$ is a customer's importance share of a factor, $d$ the deficit of satisfaction, and the pressure is $w\,d$. Four customers and their price, as fractions:

# %%
four = pd.DataFrame(index=["Ann", "Bo", "Cai", "Dee"])
four["w"] = [F(1, 2), F(1, 3), F(1, 6), F(0)]
four["d"] = [F(1), F(2, 3), F(1, 3), F(0)]
four["pressure"] = four["w"] * four["d"]
four

# %% [markdown]
# The mean pressure is what we are after. Beside it the product of the two means, and the *covariance*: the mean of (w less its mean) times (d less its mean). It is above zero if those who care are those who lack.

# %%
mean = four.sum() / 4
covariance = ((four["w"] - mean["w"]) * (four["d"] - mean["d"])).sum() / 4
assert mean["pressure"] == mean["w"] * mean["d"] + covariance
mean["pressure"], mean["w"] * mean["d"], covariance

# %% [markdown]
# 7/36 = 1/8 + 5/72. This is no accident of these numbers but an identity:
#
# $$\text{mean}(w\,d) = \text{mean}(w)\,\text{mean}(d) + \text{cov}(w, d)$$
#
# Now let the same four deficits belong to other people: the one who cares most lacks nothing.

# %%
turned = four["w"] * four["d"].tolist()[::-1]
assert turned.sum() / 4 == mean["w"] * mean["d"] - covariance
turned.sum() / 4

# %% [markdown]
# 1/18 in place of 7/36. Neither the mean share nor the mean deficit has moved, and the pressure is two sevenths of what it was. Whoever has only the two means cannot tell these two markets apart. In the first, those who care are those who suffer; in the second the ones who suffer do not mind.
#
# ## The wrong way first: averaging
#
# Lesson 21 had a market of 60 low-end users and 40 businesses, in which averaging the ratings first put coverage on top, and customers first put price there. Now we can say where every bit of the difference comes from. We build the table once more, with the same numbers; here are the shares and deficits of the two kinds, each worked out as if it were one customer:

# %%
kinds = pd.DataFrame(
    [("low-end", 60, "price", 4, 9), ("low-end", 60, "new_technology", 3, 1),
     ("low-end", 60, "coverage", 6, 6), ("business", 40, "price", 8, 2),
     ("business", 40, "new_technology", 8, 9), ("business", 40, "coverage", 4, 8)],
    columns=["kind", "people", "factor", "satisfaction", "importance"])  # fmt: skip
own = cl.cci.matrix(kinds, by="kind").pivot(index="factor", columns="kind")
own[["importance_share", "deficit"]].round(3)

# %% [markdown]
# `@` below multiplies each kind by its part of the market, 0.4 and 0.6, and adds up. The first column is the wrong way: ratings averaged, then made into shares.

# %%
part = pd.Series({"business": 0.4, "low-end": 0.6})
w, d = own["importance_share"], own["deficit"]
rating = kinds.pivot(index="factor", columns="kind", values="importance") @ part
table = pd.DataFrame({"averaged first": (rating - 1) / (rating - 1).sum() * (d @ part)})
table["product"] = (w @ part) * (d @ part)
table["covariance"] = (w * d) @ part - table["product"]
table["pressure"] = table["product"] + table["covariance"]
table.round(4)

# %% [markdown]
# Averaging first makes **two** errors. It loses the covariance: 0.0590 of the pressure of price, and it gains 0.0667 of new technology that nobody feels, for those who dislike it are those who do not care. And it forms shares after averaging, so that people who use high marks count for more: 0.1927 becomes 0.1790 for price, 0.1111 becomes 0.1252 for new technology.

# %%
assert table["averaged first"].idxmax() == "coverage" and table["pressure"].idxmax() == "price"
assert table["covariance"].round(4).tolist() == [0.0028, -0.0667, 0.0590]
(100 * table[["averaged first", "pressure"]].sum()).round(1)

# %% [markdown]
# The totals hardly differ, 52.2 and 51.5 points. A check of the total would never have found the mistake; only the ranking is wrong. One call does it in the right order:

# %%
called = cl.cci.matrix(kinds, customer="kind", weight="people").set_index("factor")["pressure"]
assert (abs(called - table["pressure"]) < 1e-15).all()
called.round(4)

# %% [markdown]
# ## Cells without an answer
#
# Three customers, two factors, and everything matters alike. Bo left the price open.

# %%
three = pd.DataFrame(
    {"customer": ["Ann", "Ann", "Bo", "Bo", "Cai", "Cai"], "factor": ["price", "coverage"] * 3,
     "satisfaction": [1, 7, None, 4, 4, 7], "importance": 10})  # fmt: skip
three.pivot(index="customer", columns="factor", values="satisfaction")

# %% [markdown]
# Ann's index is $\frac12\cdot\frac99+\frac12\cdot\frac39=\frac23$ and Cai's $\frac12\cdot\frac69+\frac12\cdot\frac39=\frac12$. What is Bo's? The deficit of coverage is 6/9. For the price there are four roads:
#
# | treatment | Bo's index | what it assumes |
# |---|---|---|
# | `missing="renormalise"`, the default | 2/3, from coverage alone | Bo's price is like the rest of Bo's answers |
# | `missing="complete"` | none, Bo is left out | Bo's index is like those of Ann and Cai; nothing of the price by itself |
# | `missing="impute"` | (5/6 + 2/3)/2 = 3/4 | Bo's price is like that of the others, 2.5 on average |
# | fill in the top mark | (0 + 2/3)/2 = 1/3 | Bo's price is excellent |

# %%
index = {how: cl.cci.index(three, missing=how) for how in ("renormalise", "complete", "impute")}
index["top mark"] = cl.cci.index(three.fillna({"satisfaction": 10}))
found = pd.concat(index).droplevel(1)[["n", "cci", "std_error"]]
hand = [F(2, 3) + F(1, 2) + bo for bo in (F(2, 3), F(7, 12), F(3, 4), F(1, 3))]
assert (abs(found["cci"] - [float(100 * x / 3) for x in hand]) < 1e-12).all()
found.round(2)

# %% [markdown]
# From 50 to 64 points, with one open cell. (Leaving Bo out is the same as giving Bo the mean of the others' indices, 7/12.) Imputed answers have no standard error: a cell we made up is no observation. Fill in means yourself, and the error that comes out is too small.
#
# ### Which one is right?
#
# That depends on *why* a cell is empty, which the cell does not say. On generated answers we know, for we make the holes. The survey is the generated one of lesson 21, with 5,000 customers who answered everything; `weight` brings low-end users and businesses to their parts of the market.

# %%
survey = cl.datasets.generate_ratings(5_000, seed=2, waves=1, missing=0)
lot = np.random.default_rng(4).random(len(survey))
coverage, content = survey["factor"].eq("coverage"), survey["satisfaction"].ge(9)
holes = {
    "by lot": coverage & (lot < 0.3),
    "not for me": survey["factor"].eq("new_technology") & survey["importance"].le(4),
    "content": content & (lot < 0.3),
    "annoyed": coverage & survey["satisfaction"].le(2) & (lot < 0.5),
}
pd.Series({kind: empty.mean() for kind, empty in holes.items()}).round(3)

# %% [markdown]
# *By lot*: three tenths of the answers on coverage are lost. *Not for me*: whoever does not care for new technology skips it. *Content*: three tenths of the 9s and 10s are not written down. *Annoyed*: half of those with a 1 or 2 for coverage no longer say so. The column shows how much of the table is empty: 17 % at most.

# %%
full = {kind: survey["satisfaction"].mask(empty) for kind, empty in holes.items()}
full = pd.concat({kind: survey.assign(satisfaction=s) for kind, s in full.items()}, names=["why"])
full = full.reset_index("why")

# %% tags=["figure"]
ask = {"by": "why", "weight": "weight"}
read = {how: cl.cci.index(full, missing=how, **ask) for how in index if how != "top mark"}
read["top mark"] = cl.cci.index(full.fillna({"satisfaction": 10}), **ask)
truth = cl.cci.index(survey, weight="weight")["cci"].iloc[0]
found = pd.DataFrame({how: table.set_index("why")["cci"] for how, table in read.items()})
off = (found - truth).abs()
assert off.loc["by lot", ["complete", "impute"]].max() < 0.2
assert off.loc["not for me"].max() < 0.5
assert off.loc["content"].idxmin() == "top mark" and off.loc["annoyed"].min() > 1.7
assert (found.loc["annoyed"] < truth).all()
found.loc[list(holes)].assign(truth=truth).round(1)

# %% [markdown]
# * **By lot**, complete cases and imputed means are right to within 0.2 points. Renormalising is five points too low: it reads coverage, much the worst factor, as if it were like the other five. Though the worst of the three here, it is the default, because it invents no answer: every number in it was given by a customer. A factor that only some answered can only sink by it, and the ledger says how many did not rate every factor (`not_all_factors`).
# * **Not for me** does little harm, whatever is done: what does not matter hardly counts.
# * If the **content** are silent, the top mark comes nearest. If the **annoyed** are, every treatment is too low, and the top mark by almost nine points. An empty cell looks the same in both, and does not say why it is empty.
#
# So: read `n` of each factor; run all three treatments. If they agree, the choice of treatment hardly matters; if they do not, all hangs on why the cells are empty. That all may be wrong together, the row *annoyed* shows. So telephone some of the silent in any case: no formula replaces that.
#
# ### Nothing matters, or everything alike
#
# Two more kinds of answer need a rule, and both are counted in the ledger. A customer to whom **nothing** matters has shares 0/0 and is left out. One to whom **everything** matters alike, a straight line down the form, has equal shares, and may be honest or hasty. Let every fifth customer tick 10 for every importance:

# %%
hasty = survey["customer"].isin(survey["customer"].unique()[::5])
lazy = survey.assign(importance=survey["importance"].mask(hasty, 10))
tables = {"as they are": survey, "a fifth hasty": lazy}
pressed = {k: cl.cci.matrix(v, weight="weight") for k, v in tables.items()}
lines = cl.ledger(pressed["a fifth hasty"])
assert lines.query("unit == 'customers'")["n"].tolist() == [5000, 5000, 1000]
print(lines.loc[lines["fate"] == "noted", ["unit", "fate", "rule", "n"]].to_string(index=False))
pressed = pd.DataFrame({k: v.set_index("factor")["pressure"] for k, v in pressed.items()})
pressed.round(4)

# %% [markdown]
# They are counted as they are, and the ledger's line above the table notes 1,000 of them as `straight_line`. The differences between the factors shrink, as each hasty customer gives every factor a share of 1/6. Whether such forms are worth keeping is for you to judge; look at how long people took.
#
# ## Importance that was asked otherwise
#
# Not every form has ratings. Some ask for a **rank**, 1 for what matters most; others for 100 points to be **shared** out. A rank says who is first, not by how much. churnlab uses *rank-order centroids*: of all sets of shares in that order, the mean. With three factors, place $r$ gets a third of the sum of $1/i$ from $i=r$ to 3:

# %%
weights = [sum(F(1, i) for i in range(r, 4)) / 3 for r in (1, 2, 3)]
assert sum(weights) == 1
weights

# %% [markdown]
# 11/18, 5/18 and 2/18. The low-end user from above, asked in three manners:

# %%
forms = {"rating": [9, 6, 1], "rank": [1, 2, 3], "share": [60, 40, 0]}
user = pd.DataFrame({"factor": ["price", "coverage", "new_technology"], "satisfaction": [4, 6, 3]})
asked = {
    how: cl.cci.matrix(user.assign(importance=said), importance_as=how).set_index("factor")
    for how, said in forms.items()
}
shares = pd.DataFrame({how: table["importance_share"] for how, table in asked.items()})
assert (abs(shares.loc[user["factor"], "rank"] - [float(x) for x in weights]) < 1e-15).all()
shares.round(3)

# %% [markdown]
# Nearly the same for the first place. But a rank cannot say *not at all*: the last of three always gets a ninth. And equal marks become unequal ranks, where the form allows no ties.
#
# Sometimes customers were not asked at all, and the firm has **one table** of importances for everyone. That is possible too, and we know its price:

# %%
given = cl.cci.matrix(kinds, customer="kind", weight="people", importance=rating)
given = given.set_index("factor")["pressure"]
assert (abs(given - table["averaged first"]) < 1e-15).all()
given.round(4)

# %% [markdown]
# To the last digit the column *averaged first*. What is the same for all cannot covary with anything. Take such a table where there is nothing else, and say so beside the result.
#
# ## How many customers is a survey worth?
#
# Weights mend who was asked. They cost precision, since few answers then speak for many. Two low-end users with weight 2 and four businesses with weight ½ count as many as $(\sum\omega)^2/\sum\omega^2$ with equal weights (Kish):

# %%
omega = [F(2)] * 2 + [F(1, 2)] * 4
sum(omega) ** 2 / sum(x**2 for x in omega)

# %% [markdown]
# Six people worth four. The survey has the same mixture, and `n_effective` says so:

# %%
people = survey.drop_duplicates("customer")["weight"]
whole = cl.cci.index(survey, weight="weight")
assert abs(whole["n_effective"].iloc[0] - people.sum() ** 2 / (people**2).sum()) < 1e-9
whole[["n", "n_effective", "cci", "std_error", "conf_low", "conf_high"]].round(3)

# %% [markdown]
# ### Customers who share an account
#
# Weights are one reason to count fewer; company is another. People of one household or firm answer alike. The extreme case is easy to make: 500 accounts with four people each, who all copied one form.

# %%
few = survey[survey["customer"].isin(survey["customer"].unique()[:500])]
copies = [few.assign(account=few["customer"], customer=few["customer"] + f"-{k}") for k in range(4)]
copied = pd.concat(copies, ignore_index=True)
runs = {"500 forms": cl.cci.index(few), "2,000 people": cl.cci.index(copied)}
runs["in 500 accounts"] = cl.cci.index(copied, cluster="account")
found = pd.concat(runs).droplevel(1)[["n", "cci", "std_error", "conf_low", "conf_high"]]
error = found["std_error"].to_numpy()
assert abs(error[2] - error[0]) < 1e-12 and abs(error[0] / error[1] - 2) < 0.01
found.round(3)

# %% [markdown]
# The index is the same, 37.46 (without weights, hence 37 and not 33); the error of the second row is half of what it should be, as if four times as many had been asked, and four copies tell nothing new. `cluster="account"` puts it right. Real people of one account agree in part only, so the truth lies between. Name the cluster whenever there is one: it costs next to nothing where it does not matter.
#
# ## Towns with few customers
#
# Twelve towns, from 360 respondents to 8, drawn from our survey and differing only in how many of their people are businesses. Hence we know each town's true pressure: the mean of the two segments in the town's own mixture. Towns are drawn without quotas, so they need no weights.

# %%
n_low, n_business = ([300, 120, 60, 40, 36, 18, 14, 10, 4, 2, 8, 0],
                     [60, 160, 20, 40, 12, 18, 2, 6, 8, 8, 0, 8])  # fmt: skip
sizes = pd.DataFrame({"low_end": n_low, "business": n_business}, index=list("ABCDEFGHIJKL"))
segment = survey.drop_duplicates("customer").set_index("customer")["segment"]
lives = {}
for kind, n in sizes.items():
    names = segment.index[segment == kind][: n.sum()]
    lives |= dict(zip(names, np.repeat(sizes.index, n), strict=True))
towns = survey.assign(town=survey["customer"].map(lives)).dropna(subset="town")
towns.groupby("town")["customer"].nunique().tolist()

# %%
ease = cl.datasets.load("cci_table_2")[["factor", "improvability"]]
ask = {"weight": "weight", "improvability": ease}
ranks = cl.cci.rank(towns, by="town", improvability=ease)
tech = ranks[(ranks["factor"] == "new_technology") & (ranks["criterion"] == "pressure")]
tech = tech.set_index("town")[["n", "estimate", "std_error", "shrunk"]]
of_segment = cl.cci.matrix(survey, by="segment").set_index(["factor", "segment"])["pressure"]
mixed = sizes.div(sizes.sum(axis=1), axis=0)
tech["truth"] = mixed @ of_segment["new_technology"].loc[mixed.columns]
tech.round(3)

# %% [markdown]
# `estimate` is the raw mean pressure, `shrunk` will be explained in a moment. Look at K: with eight respondents it has the most pressure of all, 0.119, four times the truth, and in truth it is the lowest. Town L next to it has the highest truth and a low estimate. Small groups tend to stand at both ends of such a list, because their means vary most: here K leads, and J with ten is last but one.
#
# ### Shrinkage, by hand
#
# A mean of few deserves less belief, and what it should give way to is the mean of all towns: an *empirical Bayes* estimate. How far? If a mean has the error variance $v$ and the towns truly differ with variance $\tau^2$, then by the part $B=v/(v+\tau^2)$ of the way. With equal $v$, the means as we see them vary by $v+\tau^2$: so $B$ is the error variance over the variance of the means. Three towns, two customers each, one factor, deficits 0 and 2/9, 2/9 and 4/9, 4/9 and 6/9:

# %%
raw, common = [F(1, 9), F(3, 9), F(5, 9)], F(3, 9)
v = F(2, 81) / 2
pull = v / (sum((x - common) ** 2 for x in raw) / 2)
by_hand = [x + pull * (common - x) for x in raw]
pull, by_hand

# %%
answered = {"town": list("AABBCC"), "satisfaction": [10, 8, 8, 6, 6, 4]}
small = pd.DataFrame({"customer": range(6), "factor": "price", **answered, "importance": 5})
called = cl.cci.rank(small, by="town")[["town", "estimate", "std_error", "shrunk"]]
assert (abs(called["shrunk"] - [float(x) for x in by_hand]) < 1e-9).all()
called.round(4)

# %% [markdown]
# A quarter of the way: 1/9 goes up to 1/6, 5/9 comes down to 1/2. With unequal groups each has a $v$ of its own: the variance within towns, pooled over all of them, by the number of respondents. $\tau^2$ is then found by trial (Paule and Mandel's equation). Back to the twelve. Hollow is the raw mean, the disc is the shrunk one, and the diamond is the truth, which in life nobody knows:

# %% tags=["figure"]
marks = {"estimate": ("o", "white"), "shrunk": ("o", "#0173b2"), "truth": ("D", "black")}
with cl.plot.style():
    ax = plt.subplots(figsize=(6.6, 4.0), layout="constrained")[1]
    for y, (_, row) in enumerate(tech.iterrows()):
        ends = (row["shrunk"], y), (row["estimate"], y)
        ax.annotate("", *ends, arrowprops={"arrowstyle": "->", "color": "0.4", "lw": 0.9})
    for name, (mark, fill) in marks.items():
        ax.plot(tech[name], range(12), mark, mfc=fill, mec="0.2", ms=6.5, mew=0.8, label=name)
    ax.set_yticks(range(12), [f"{town}, {n}" for town, n in tech["n"].items()])
    ax.set(xlabel="pressure of new technology", ylabel="town, respondents", ylim=(11.6, -0.6))
    ax.legend(loc="upper right")

# %%
off = tech[["estimate", "shrunk"]].sub(tech["truth"], axis=0)
error = np.sqrt((off**2).mean())
assert (off["shrunk"].abs() < off["estimate"].abs()).all()
one, two = tech.loc[["C", "G", "K"]], tech.loc[["D", "H", "L"]].set_axis(["C", "G", "K"])
way = 1 - (one["shrunk"] - two["shrunk"]) / (one["estimate"] - two["estimate"])
common = one["estimate"] + (one["shrunk"] - one["estimate"]) / way
assert common.max() - common.min() < 1e-9
print("way:", way.round(2).to_dict(), "common mean:", common["K"].round(4))
error.round(4)

# %% [markdown]
# The towns with hundreds of answers keep theirs. Towns with as many respondents go the same part of the way, so by how much a pair draws together tells which part, and where the way ends. With 80 answers it is a quarter of the way, with 16 six tenths, and K with eight travels three quarters: from 0.119 to 0.063, where the common mean is 0.045. The typical error, the root of the mean square, falls from 0.029 to 0.013. Here every arrow points towards the truth, which is luck: shrinkage is better on the whole and promises nothing to a single town. L, the worst in truth, is left in the middle of the field: eight answers are too few to find it by.
#
# Which factor leads in a small town? `rank_low` to `rank_high` is the *rank set*: all places the data leave to a factor. [Lesson 24](24_how_sure_is_the_ranking.ipynb) makes one by hand.

# %%
pressures = ranks[ranks["criterion"] == "pressure"]
assert pressures.loc[pressures["rank_shrunk"] == 1, "factor"].eq("coverage").all()
town = pressures[pressures["town"] == "K"]
town[["factor", "estimate", "rank", "rank_low", "rank_high", "shrunk", "rank_shrunk"]].round(3)

# %% [markdown]
# By its eight answers new technology comes first in K, ahead of coverage. After shrinkage (each factor over the twelve towns, by itself) coverage leads, as it does in all twelve. `rank_shrunk` is the better guess. The sets are made from the raw means, for shrunk ones carry no such guarantee; and here they say 1 to 6 for every factor. That is the honest sentence about a town with eight respondents: from these eight alone nothing is known of the order.
#
# ## A plan in two steps
#
# What if half of the deficit of coverage were closed, and everyone were then one point more content with the price?

# %%
plan = {"coverage": ("close", 0.5), "price": ("add", 1)}
steps = cl.cci.whatif(survey, changes=plan, **ask)
steps[["step", "factor", "cci", "fixable", "stuck", "fall", "std_error"]].round(3)

# %% [markdown]
# The index would fall by 11.15 points, 10.34 of them by the first step. The error is 0.103, although the index itself has one of 0.320: the same customers are compared with themselves, and what makes one of them unhappier than another drops out (a *paired* comparison). Two separate samples of this size, before and after, would give about $\sqrt2\cdot0.320=0.45$, four times as much. The 0.103 belongs to an *if*; it knows nothing of whether the measure will work.
#
# One more thing to see: the second step leaves `fixable` alone and lowers `stuck`. The firm's own table says that nothing can be done about price. Either that opinion is wrong, or the plan.
#
# ## A million customers
#
# Six million rows, written to a file once. The table is never loaded: DuckDB reads the file where it lies, makes one row per customer, and adds up.

# %%
file = Path("build", "cache", "telecom_million_seed_1.parquet")
file.parent.mkdir(parents=True, exist_ok=True)
if not file.exists():
    cl.datasets.ratings_to_parquet(file, 1_000_000, seed=1, waves=1)
counted = cl.cci.answers(file, by="segment", **ask)
lines = cl.ledger(counted)
lines.loc[lines["unit"] != "factors", ["unit", "fate", "rule", "n"]]

# %% [markdown]
# `cl.cci.answers` counts once; index, ranks and matrix are asked of what it counted, with no further look at the file:

# %%
segments = cl.cci.index(counted)
points = segments.set_index("segment")[["cci", "fixable", "stuck"]]
weighs = segments["n"].to_numpy() * [0.5, 2.0]
points.loc["market"] = weighs @ points / weighs.sum()
small = cl.cci.index(survey, by="segment", weight="weight")
parts = small["n"] * [0.5, 2.0]
assert abs((parts * small["cci"]).sum() / parts.sum() - whole["cci"].iloc[0]) < 1e-9
points.round(3)

# %% [markdown]
# The market is the mean of its segments, each counted with its customers times their weight (one half for businesses, two for the low end): 33.58 points, as it would be without groups. (The cell asserts that on the survey of 5,000, where counting twice costs nothing.) Counting may be cut into pieces like this, by segment, by file, by machine, only because the index is a mean of customers' own numbers.

# %%
sets = cl.cci.rank(counted).query("criterion == 'pressure'")
sets["ranks"] = sets["rank_low"].astype(str) + " to " + sets["rank_high"].astype(str)
sets = sets.merge(cl.cci.matrix(counted)[["segment", "factor", "verdict"]])
sets["estimate"] = sets["estimate"].round(4)
sets.pivot(index="factor", columns="segment", values=["estimate", "ranks", "verdict"])

# %% [markdown]
# A million customers leave one place to nearly every factor. Only among businesses do price and image share 5 to 6, with 0.0065 and 0.0064: even a million answers do not part two factors so nearly equal, and nobody needs it (lesson 24: *tolerance*). Nor does size help against a list of factors that was badly chosen: exercise 5 of [lesson 21](21_cci_matrix.ipynb) turned a ranking round by adding one.
#
# So what is it like to have one customer, ten, a hundred? The survey is made so that the first customers are always the same ones. Here are its businesses:

# %%
made = {n: cl.datasets.generate_ratings(n, waves=1) for n in (1, 10, 100, 1000, 10_000)}
made = pd.concat(made, names=["asked"]).reset_index("asked")
ladder = cl.cci.index(made, **ask, by=["asked", "segment"]).query("segment == 'business'")
ladder = pd.concat([ladder, segments.head(1)], ignore_index=True)
ladder[["n", "cci", "std_error", "conf_low", "conf_high"]].round(2)

# %% [markdown]
# One customer has 56 points and no limits; eight leave everything from 28 to 53 open. Ten times as many customers, about a third of the error. For the index of the whole market a few thousand answers are plenty. What a million buys is not a better total but a few thousand answers in every small group.
#
# ## What you have learnt
#
# * mean(w·d) is mean(w)·mean(d) plus the covariance. Two averages do not hold the third number; one importance for all has no covariance at all.
# * Treatments of missing answers are assumptions about the silent. Run all three, and ask some of the silent.
# * Survey weights mend the mean and cost precision: read `n_effective`. Name the cluster.
# * Rank small groups after shrinkage; take sets of ranks from the raw means.
# * Plans are compared on the same customers. Count once, ask often; parts add up to the whole.
#
# | term | 中文 | |
# |---|---|---|
# | covariance | 协方差 | what the mean of a product has beyond the product of the means |
# | complete cases | 完整个案 | only customers who rated every factor |
# | imputation | 插补 | filling a cell with what others answered |
# | renormalisation | 重新归一化 | shares over the factors answered, adding up to 1 again |
# | straight-lining | 直线式作答 | the same mark down the whole form |
# | rank-order centroid | 排序质心权重 | the mean of all sets of shares in a given order |
# | constant sum | 固定总和法 | a fixed number of points, shared out over the factors |
# | effective sample size | 有效样本量 | how many customers with equal weights would tell as much |
# | cluster | 群 | customers who belong together, as those of one account |
# | shrinkage | 收缩估计 | pulling the means of small groups towards that of all |
# | empirical Bayes | 经验贝叶斯 | shrinkage by as much as the groups' own spread tells |
#
# ## Exercises
#
# Put your answer in place of the `...` and run the cell. Hints and solutions are folded.
#
# **1.** By hand: who cares is content.

# %%
q1 = cl.learn.exercise("23.1")
q1

# %%
answer = ...
q1.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q1.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
w, d = [F(3, 4), F(1, 2), F(1, 4)], [F(0), F(1, 3), F(2, 3)]
pressures = [x * y for x, y in zip(w, d, strict=True)]
q1.check(sum(pressures) / 3 - sum(w) / 3 * sum(d) / 3)

# %% [markdown]
# **2.** Bo is content with coverage. Change a copy of `three`.

# %%
q2 = cl.learn.exercise("23.2")
q2

# %%
answer = ...
q2.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q2.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
other = three.copy()
other.loc[(other["customer"] == "Bo") & (other["factor"] == "coverage"), "satisfaction"] = 10
q2.check(cl.cci.index(other, missing="impute")["cci"].iloc[0])

# %% [markdown]
# **3.** Second of four.

# %%
q3 = cl.learn.exercise("23.3")
q3

# %%
answer = ...
q3.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q3.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q3.check((F(1, 2) + F(1, 3) + F(1, 4)) / 4)

# %% [markdown]
# **4.** What the weights leave.

# %%
q4 = cl.learn.exercise("23.4")
q4

# %%
answer = ...
q4.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q4.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q4.check((100 * 4 + 200 / 2) ** 2 / (100 * 4**2 + 200 / 2**2))

# %% [markdown]
# **5.** Three towns.

# %%
q5 = cl.learn.exercise("23.5")
q5

# %%
answer = ...
q5.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q5.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
raw, v = np.array([0.12, 0.18, 0.30]), 0.0021
pull = v / raw.var(ddof=1)
q5.check(raw[0] + pull * (raw.mean() - raw[0]))

# %% [markdown]
# ## References
#
# * Article 000 of the course: segments care for different things (the low end for price, businesses for technology and coverage). The ratings of the two kinds, the survey and the towns are invented; the index and its errors are churnlab's own.
# * Mogstad, Romano, Shaikh and Wilhelm, *Review of Economic Studies*, doi 10.1093/restud/rdad006: the sets of ranks.
