# %% [markdown]
# # The casebook: what five articles say, and what can be computed
#
# **The question.** Five Chinese articles on customer churn are the raw material of this course. They hold figures, rules, lists and questionnaires. What exactly do they state, does it hold when it is computed again, and what rests on nothing but their word?
#
# **The decision.** What may go into a report of your own: as a result, as a quotation with a warning, or not at all.
#
# **You will learn**
#
# * to find anything in the casebook, in English or Chinese;
# * to read `reproduce()`, which puts what is computed beside what is stated, with a status for every row;
# * where the articles err, contradict one another or break off, and what to make of it;
# * to tell what is printed from what is ours, and to cite both.

# %%
import pandas as pd
from IPython.display import HTML

import churnlab as cl

# %% [markdown]
# ## What it is, and how to search it
#
# The casebook is a table, one row for each statement. `inputs` are the numbers a statement starts from, `stated` is what is printed, `note` says what to beware of, and every row has its term in both languages. `kind` says what sort of statement a row is: a worked figure, a statistic that is merely stated, a rule, a list (`taxonomy`), a process and so on. `theme` says which part of the subject it belongs to, such as `win_back` or `complaints`. Prose is in our words; the figures are the articles'.

# %%
book = cl.casebook.table()
pd.crosstab(book["article"], book["kind"], margins=True, margins_name="all")

# %% [markdown]
# Many cells hold sentences, so one small function shows a frame with its texts in full and on the left.


# %%
def read(frame):
    """A frame as a table to read: texts in full and on the left, no row numbers."""
    with pd.option_context("display.max_colwidth", None):
        text = frame.fillna("").to_html(index=False, border=0).replace('class="dataframe"', "")
    for cell in ("th", "td"):
        text = text.replace(f"<{cell}>", f'<{cell} style="text-align: left; vertical-align: top">')
    return HTML(text)


# %% [markdown]
# It is a plain pandas frame, and so is the search. A word in English:

# %%
found = book[book["english"].str.contains("complain")]
read(found[["id", "article", "stated", "unit", "english", "chinese"]])

# %% [markdown]
# A word in Chinese, here 挽回, to win back:

# %%
found = book[book["chinese"].str.contains("挽回")]
read(found[["id", "article", "stated", "english", "chinese"]])

# %% [markdown]
# And one row in full:

# %%
row = book.set_index("id").loc["carrier-lost-profit"]
read(row.rename_axis("column").reset_index(name="carrier-lost-profit"))

# %% [markdown]
# ## Stated beside computed
#
# `reproduce()` takes every row that states something, computes it from the stated inputs with the rooms of churnlab, and compares.

# %% tags=["figure"]
checked = cl.casebook.reproduce()
counts = checked["status"].value_counts()
assert counts.to_dict() == {"quoted": 77, "agrees": 72, "pending": 13, "disagrees": 10}
pd.crosstab(checked["article"], checked["status"], margins=True, margins_name="all")

# %% [markdown]
# * **agrees**: computed and stated are the same, to the digits printed. Of a list: as many items are there as are announced. Of a conclusion in words: churnlab's own verdict says so too.
# * **disagrees**: they differ, or the articles contradict one another. All ten are taken up below.
# * **quoted**: there is nothing to compute. Most are statistics without a source.
# * **pending**: could be computed, by a part of churnlab that is not built yet.
#
# The trap is in the first word. *Agrees* means that the arithmetic holds, not that the figure is true of customers. 1,000 customers of whom 850 are left make 15 %; whether such a firm ever existed is another matter. And some rows could hardly fail. The six of Table 2 come back as they went in: they prove no more than that they were read as printed. The 5 % who complain and the 95 % who do not only check each other. And the verdicts agree with a definition that was made to arrive at the article's conclusions.
#
# ### The figures, article by article
#
# Lists apart, 34 figures and rules were computed. Article 000 has more than half of them: the Churn Index, the carrier, and complaints.

# %% tags=["figure"]
listed = book.set_index("id")["inputs"].reindex(checked["id"]).str.startswith("1=").to_numpy()
figures = checked[checked["computed"].notna() & ~listed]
columns = ["id", "stated", "unit", "computed", "status"]
assert figures.groupby("article").size().tolist() == [19, 3, 5, 1, 6]
read(figures.loc[figures["article"] == "000", columns])

# %% [markdown]
# (Three numbers in a row of the index are satisfaction, importance and improvability. Where the articles give a verdict in words, the computed verdict must belong to it: *danger* and *fix now* to "churn very likely", for instance.)
#
# Article 001, a course in customer management with its company cases, leaves little to compute. Where it prints the parts of a sum or a share and no result, the result is among the extensions below.

# %% tags=["figure"]
computed = figures.set_index("id")["computed"]
assert computed["win-back-odds-lost"] == "0.25" and computed["win-back-odds-prospect"] == "0.0625"
read(figures.loc[figures["article"] == "001", columns])

# %% [markdown]
# Article 002 has the churn rate:

# %% tags=["figure"]
assert computed["churn-400-380"] == "5" and computed["churn-cohort-1000-850"] == "15"
read(figures.loc[figures["article"] == "002", columns])

# %% [markdown]
# Article 003 is about key accounts and writes in lists; its one sum is 1 + 2 + 4 measures. Article 004 has the workshop and the eight reasons for leaving:

# %% tags=["figure"]
assert computed["cadence-interval"] == "4.8" and computed["small-customer-sales"] == "200000000"
read(figures.loc[figures["article"].isin(["003", "004"]), columns])

# %% [markdown]
# ### The lists
#
# "There are fourteen ways of prospecting": where an article announces a number, the items were counted. Two of 43 lists are shorter than announced; they come below. The others are folded.

# %% jupyter={"outputs_hidden": true} tags=["figure", "hide-output"]
lists = checked[checked["computed"].notna() & listed]
assert lists["status"].value_counts().to_dict() == {"agrees": 41, "disagrees": 2}
complete = lists[lists["status"] == "agrees"]
named = (complete["id"] + " " + complete["computed"]).groupby(complete["article"]).agg(", ".join)
read(named.reset_index(name="lists that are complete, and how many items they have"))

# %% [markdown]
# ## Where they disagree
#
# Ten rows disagree, for seven reasons; an eighth case agrees and is wrong all the same. Where `computed` is empty, two statements contradict each other in words or numbers, and there is nothing to compute. One by one.


# %%
shown = checked.set_index("id", drop=False)
read(shown.loc[shown["status"] == "disagrees", ["id", "article", "stated", "unit", "computed"]])

# %% [markdown]
# ### 1. 2.5 visits a year are not 4.5 months
#
# The workshop of article 004 says that a customer comes about two and a half times a year, and concludes: every four and a half months. Divide.

# %% tags=["figure"]
assert 12 / 2.5 == 4.8
12 / 2.5, round(12 / 4.5, 2)

# %% [markdown]
# 4.8 months; and 4.5 months would be 2.67 visits. A slip, and "about" covers it. But the rule of 6 and 12 months is built on this rhythm, and there a third of a month counts.
#
# ### 2. 16.5 % agrees, and is no churn rate
#
# Article 002 shows 16.5 % as a mistake: 15 lost newcomers are counted above the line, and the 300 newcomers are not counted below it. The division is right, so the status is `agrees`; two groups of people are mixed, so the rate is nobody's. The article says so itself, and its remedy is 15 %.

# %% tags=["figure"]
rates = cl.rates.churn_rate_from_counts(1000, 150, 300, 15).set_index("method")["rate"]
assert rates.round(3)[["opening_cohort", "naive"]].tolist() == [0.15, 0.165]
read(shown.loc[["churn-naive-165-1000", "churn-exclude-new-rule"], [*columns, "note"]])

# %% [markdown]
# ### 3. Five people, or twenty-five?
#
# One dissatisfied customer influences 5 people (article 000) or 25 (article 003), and neither says how it knows. It is not a small difference. If 3 % of those who hear it leave and tell others in turn, a loss grows to

# %%
told = cl.value.word_of_mouth([5, 25], 0.03)
told.round(2)

# %% [markdown]
# 1.18 losses in one case and 4 in the other. So: an assumption between 5 and 25, to be varied and never to be reported as a finding.
#
# ### 4. 25 to 85 % more profit, or 25 to 95 %?
#
# Three articles, one claim, two ranges. Five points less churn (000) and five points more retention (002) are the same change, so at most one of the upper ends is right; article 003 names no change at all. And neither is a constant:

# %% tags=["figure"]
implied = cl.value.implied_churn([0.25, 0.85, 0.95], points=0.05, discount=0)
assert implied["churn"].round(4).tolist() == [0.25, 0.1088, 0.1026]
implied.round(4)

# %% [markdown]
# The lower end belongs to a churn of 25 % to begin with, the upper ends to 10.88 and 10.26 %, if the first year's profit comes now (timing `start`) and there is no interest. [Notebook 31](31_what_a_lost_customer_costs.ipynb) works this out.
#
# ### 5. Inversely proportional?
#
# Article 002 says that churn is inversely proportional to retention, market share, profit and more. Inversely proportional would mean that twice the churn is half the retention. From 5 % of churn:

# %% tags=["figure"]
churn = pd.Series([0.05, 0.10, 0.20], name="churn")
both = churn.to_frame().assign(retention=1 - churn, if_inverse=0.95 * 0.05 / churn)
assert both["retention"].tolist() == [0.95, 0.90, 0.80]
both.round(4)

# %% [markdown]
# Retention is 1 − churn, in the same article: a straight line. For share and profit no more can be expected than that they tend to fall where churn rises.
#
# ### 6. Eight announced, four printed
#
# Article 003 promises eight safeguards against salespeople who leave and take customers along. The text stops after the fourth. Nobody can know the others, so nothing is added.

# %%
eight = book.set_index("id").loc["staff-eight-safeguards"]
eight["stated"], eight["inputs"].split(";")

# %% [markdown]
# ### 7. Ten announced, four numbers legible
#
# The same article has ten weapons for winning key accounts, in two columns that were scrambled in print. Four can be read with their numbers (1, 2, 3 and 5) and five more without.

# %%
ten = book.set_index("id").loc["ten-weapons-fragments"]
ten["stated"], ten["inputs"].split(";")

# %% [markdown]
# ### 8. The third indicator of loyalty
#
# Article 001 lists six indicators of loyalty twice. Five are the same; the third is the attitude to competing brands in one place and the attention to the brand in the other.

# %%
twins = ["loyalty-indicators-fill", "loyalty-indicators-short"]
split = book.set_index("id").loc[twins, "inputs"].str.split(";")
read(pd.DataFrame(dict(zip(["with blanks", "model answer"], split, strict=True))))

# %% [markdown]
# Both make sense, so one may keep seven, and say so.
#
# ## What `quoted` means
#
# Of 77 quoted rows 46 are statistics, and two thirds of these are about companies: so many outlets, so much growth. The rest are mostly the sayings of the trade, and thresholds and policies in words.

# %%
quoted = checked[(checked["status"] == "quoted") & (checked["kind"] == "stated_statistic")]
sayings = quoted[quoted["theme"] != "case_company"]
len(quoted), len(quoted) - len(sayings)

# %%
read(sayings[["id", "article", "stated", "unit"]])

# %% [markdown]
# None of these has a source that could be looked up. They may be true of some trade in some year. Quote one with its article, call it unsourced, and decide nothing by it. Better still, measure: most can be found in your own books.
#
# ## What is still pending
#
# The rows that wait, and the room each one names in its note:

# %%
pending = checked[checked["status"] == "pending"]
room = pending["note"].str.extract(r"planned for (churnlab\.\w+)\.$")[0].rename("room")
waiting = pending.groupby(room)["id"].agg(["size", ", ".join])
read(waiting.set_axis(["rows", "ids"], axis=1).reset_index())

# %% [markdown]
# ## The extensions: ours, not theirs
#
# Much follows from the printed figures and is printed nowhere: the chance of a long silence, a rate per year, the twenty behind one complaint. These rows stand in a table of their own and have the status `ours`. **Never quote one as an article's.** The notes say under which assumptions each holds. First some of them:

# %% tags=["figure"]
ours = cl.casebook.extensions()
assert len(ours) - ours["computed"].count() == 3 and not set(ours["id"]) & set(book["id"])
value = ours.set_index("id")["computed"]
assert value["complaint-iceberg"] == "20" and value["win-back-ratio"] == "4"
assert value["dormancy-false-atrisk"] == "0.2865047969"
some = ours["id"].str.contains("complaint-iceberg|carrier-cum|win-back|annualise|dormancy-false")
picked = ours.loc[some, ["id", "computed", "unit", "note"]]
read(picked.assign(computed=picked["computed"].astype(float).round(4).map("{:,.10g}".format)))

# %% [markdown]
# Beware of a likeness. `carrier-cumulative-lost-profit`, 179.7 million, is not the 93.9 million of [notebook 31](31_what_a_lost_customer_costs.ipynb), though both start from the same carrier. The first looks back after five years in each of which 5 % leave: it counts everyone lost in any of them, only up to the fifth year, and without interest. The second takes only the 3,200 of one year, follows them through all the years to come, and discounts.
#
# All extensions, folded; three are rules, with nothing to compute.

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
rounded = pd.to_numeric(ours["computed"], errors="coerce").round(4).map("{:,.10g}".format)
rounded = rounded.where(rounded != "nan", ours["computed"])
read(ours.assign(computed=rounded)[["id", "article", "computed", "unit", "note"]])

# %% [markdown]
# ## One list of reasons for many
#
# Nine lists of reasons for leaving are scattered over articles 001, 003 and 004, and they overlap. `crosswalk()` leads each item to one reason of churnlab's taxonomy. These are named in more than one list:

# %%
walk = cl.reasons.crosswalk()
named = walk.groupby("reason")["scheme"].agg(["nunique", ", ".join]).query("nunique > 1")
reasons = cl.reasons.taxonomy().set_index("reason")[["english", "chinese"]]
read(reasons.join(named.set_axis(["lists", "in"], axis=1), how="right").reset_index())

# %%
len(walk), walk["scheme"].nunique(), len(reasons), sorted(set(reasons.index) - set(walk["reason"]))

# %% [markdown]
# 50 items in nine lists, 40 reasons; the five that no list names stand for parts of an item or for what the field adds. To count reasons, count in the taxonomy: whoever adds up two lists counts some departures twice.
#
# ## How to cite
#
# Name the article, the row, and the status. For example:
#
# > In a worked example a carrier loses 12.8 million dollars of profit with 5 % of its customers (article 000; churnlab casebook, row `carrier-lost-profit`, agrees).
#
# > It is said that 95 % of dissatisfied customers do not complain (article 000, unsourced; row `dissatisfied-not-complaining`, agrees with the 5 % printed beside it). Each complaint would then stand for 20 customers (our division; extensions, row `complaint-iceberg`).
#
# The first sentence reports an example and does not claim that a carrier lost this. The second keeps apart what is said from what follows.
#
# ## The terms, by theme
#
# The casebook doubles as a dictionary: more than 300 terms in 22 chapters. It is long, so its output is folded; open it when you look for a word.

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
terms = book.drop_duplicates("english")
pairs = terms["english"] + " " + terms["chinese"]
index = pairs.groupby(terms["theme"]).agg(["size", " · ".join])
read(index.set_axis(["terms", "english 中文"], axis=1).reset_index())

# %% [markdown]
# ## What you have learnt
#
# * The casebook can be searched like any frame, in two languages.
# * `agrees` is about arithmetic. Much of what is said about customers is only `quoted`.
# * Errors and contradictions are kept and shown, not mended in silence.
# * What is printed and what is ours stand in two tables. Cite accordingly.
#
# ## Exercises
#
# Put your answer in place of the `...` and run the cell. Hints and solutions are folded.
#
# **1.** Count by status.

# %%
q1 = cl.learn.exercise("91.1")
q1

# %%
answer = ...
q1.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q1.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q1.check(len(checked.query("article == '000' and status == 'disagrees'")))

# %% [markdown]
# **2.** The workshop's other number.

# %%
q2 = cl.learn.exercise("91.2")
q2

# %%
answer = ...
q2.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q2.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q2.check(float(value["cadence-rate-from-4p5"]))

# %% [markdown]
# **3.** Theirs or ours?

# %%
q3 = cl.learn.exercise("91.3")
q3

# %%
answer = ...
q3.check(answer)

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
q3.hint()

# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]
q3.check("adf")
