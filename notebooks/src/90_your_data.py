# %% [markdown]
# # Your own data: from a file to an honest page
#
# **The question.** You have a file, an export from the till, the shop or the billing system. How many customers are there, how long do they stay, what do they spend, who has gone quiet? And how much of that can this file answer at all?
#
# **The decision.** Which of these figures you may show to others tomorrow, and under which name.
#
# **In ten minutes you will have**
#
# * your file read, with its own column names, or a plain sentence that says why it cannot be;
# * a list of what is odd in it, in words;
# * one report with size and growth, churn, cohorts, survival curves by group, the year ahead, revenue, silence, and reasons and ratings where there are any;
# * the report as one page to hand on, and the calls that make the same tables in Python.
#
# **What the file must hold.** One of two things:
#
# | | one row for | columns it needs | may have as well |
# |---|---|---|---|
# | a log of events | each thing a customer did: an order, a visit, a call | customer, time | amount, any group |
# | a table of contracts | each contract | customer, start, end (empty while it runs) | amount a month, reason, any group |
#
# There is no need to clean it first. Cleaning by hand leaves no trace; churnlab changes nothing and counts what it leaves out.

# %%
import tempfile
from pathlib import Path

import pandas as pd

import churnlab as cl

pd.set_option("display.max_colwidth", None)  # sentences in full

# %% [markdown]
# ## A file to try it on
#
# So that the first run works, we make a file. **It is generated: no such shop exists.** Two channels of a German shop, a counter (*Laden*) and a web shop (*Onlineshop*), export their orders:

# %%
channels = {"Laden": (1, 900), "Onlineshop": (2, 300)}  # seed, and mean days until they leave
window = {"first_day": "2024-07-01", "window_days": 560, "visits_per_year": 12}
parts = {
    name: cl.datasets.generate_visits(330, seed=seed, mean_life=days, **window)
    for name, (seed, days) in channels.items()
}
log = pd.concat(parts, names=["Kanal", "row"]).reset_index()

# %% [markdown]
# It is messy on purpose: semicolons between fields, commas in the amounts, the day before the month, blanks where a customer should be, one number written in two ways, a refund, and the last two rows twice.

# %%
german = str.maketrans(".,", ",.")
orders = pd.DataFrame({
    "Kunden-Nr.": (log["Kanal"].str[0] + log["customer"].str[-4:]).mask(log.index % 400 == 3, " "),
    "Bestelldatum": log["time"].dt.strftime("%d/%m/%Y"),
    "Betrag": [f"{euro:,.2f}".translate(german) for euro in log["amount"]],
    "Kanal": log["Kanal"],
})  # fmt: skip
orders.loc[5, "Kunden-Nr."] = orders.loc[5, "Kunden-Nr."].lower()
orders.loc[8, "Betrag"] = "-" + orders.loc[8, "Betrag"]
folder = tempfile.TemporaryDirectory()
example = Path(folder.name, "Bestellungen.csv")
pd.concat([orders, orders.tail(2)]).to_csv(example, sep=";", index=False)

# %%
print(*example.read_text("utf-8").splitlines()[:5], sep="\n")

# %% [markdown]
# ## Say what is what
#
# **This is the cell to change.** Put your own file in place of `example`, say which column plays which role, and run the notebook again from here. A frame of pandas or polars, a Parquet file or a DuckDB relation will do as well in place of a `File`.

# %% tags=["parameters"]
FILE = cl.File(example, sep=";", decimal=",", dayfirst=True)
COLUMNS = {"customer": "Kunden-Nr.", "time": "Bestelldatum", "amount": "Betrag"}  # role: column
REASON = None  # of contracts: the column that says why they ended
BY = "Kanal"  # a column of groups to compare, or None
AS_OF = "2026-01-01"  # the data are complete up to, but not including, this day
PERIOD = "month"  # or "week", "quarter", "year"
INACTIVITY = None  # of a log: days of silence that count as lost; None asks the customers' gaps
RATINGS = None  # a table of what customers say, or None
MIN_CELL = 10  # figures that rest on fewer customers are withheld

# %% [markdown]
# For contracts the roles are `"customer"`, `"start"` and `"end"`. `AS_OF` matters most: a log that was exported at noon holds half a day, and a half-filled last month looks like a slump. Name the first day that is *not* complete.
#
# ## What the file cannot say, you must
#
# Is `1,234` twelve hundred or a little more than one? A program that guesses is right most of the time, and silent when it is wrong. churnlab asks. Here is our example without the options:

# %%
headers = {"customer": "Kunden-Nr.", "time": "Bestelldatum", "amount": "Betrag"}
try:
    cl.spells.profile(cl.File(example), **headers)
except cl.InputError as error:
    print(error)

# %% [markdown]
# (The semicolons it found by itself.) With the comma told, the dates of the whole file settle the rest: in `16/03/2025`, shown above, 16 cannot be a month. Rows from the first twelve days of a month decide nothing:

# %%
early = Path(folder.name, "early.csv")
is_early = orders["Bestelldatum"].str[:2] <= "12"
orders[is_early].head(20).to_csv(early, sep=";", index=False)
try:
    cl.spells.profile(cl.File(early, decimal=","), **headers)
except cl.InputError as error:
    print(error)

# %% [markdown]
# So a job that runs every night would stop in the first days of its first month. Tell it: `dayfirst=True`. One rule holds for a whole column, never row by row. Other options are `encoding="gb18030"` (a Chinese export), `names=[…]` (no header) and `sheet="Orders"` (a workbook).
#
# ## What is in it?
#
# Look before you count. `profile` gives a line for each thing it found, and says what it means for the figures to come.

# %%
found = cl.spells.profile(FILE, **COLUMNS, as_of=AS_OF)
found[["finding", "n", "unit", "example", "meaning"]].fillna("")

# %% [markdown]
# Go through the list with somebody who knows the system. The rows without a customer: cash sales, or a fault of the export? Two ids that look alike: churnlab keeps them apart and tells you; only you know whether they are one person. And the first and the last day: is that the period you asked for?
#
# ## One report
#
# One call reads the file, asks ten questions and keeps the answers.

# %%
report = cl.report.build(
    FILE,
    **COLUMNS,
    reason=REASON,
    by=BY,
    as_of=AS_OF,
    period=PERIOD,
    inactivity=INACTIVITY,
    ratings=RATINGS,
    min_cell=MIN_CELL,
)
report

# %% [markdown]
# ### Do we grow?
#
# Look at the newcomers beside those who came back. **The trap:** a shop that loses its customers quickly can grow for years on newcomers alone.

# %%
report.show("growth")

# %% [markdown]
# ### How many do we lose?
#
# Nobody in this file says goodbye, so *lost* is an agreement, and the section names it. **The trap:** a rate without its convention. A shorter silence gives a higher churn rate, because more of the living are written off. So compare rates of one and the same convention only, and agree on `INACTIVITY` once. (The page has a picture here too. To keep this notebook small, some sections leave theirs out.)

# %%
report.show("churn", pictures=False)

# %% [markdown]
# ### Who comes back?
#
# The table takes all cohorts together. **The trap:** its later rows rest on the older cohorts only, for no other has been seen so long; the number of customers says on how many.

# %%
report.show("triangle", pictures=False)

# %% [markdown]
# At the foot of each section stand the calls that made it. Run them, and you have the whole triangle to draw, here its latest nine cohorts. Read along a row to follow a cohort. What has not happened yet is left empty, never 0; where `as_of` cuts a period in two, its cells are hatched.

# %%
made = {"cl": cl, "data": FILE, "ratings": RATINGS}
if not report["triangle"].missing:
    exec(report["triangle"].calls, made)
    latest = made["triangle"]["cohort"].drop_duplicates().nlargest(9)
    drawn = made["triangle"][made["triangle"]["cohort"].isin(latest)]
    cl.plot.retention(drawn, suppress_below=MIN_CELL)

# %% [markdown]
# ### How long do they stay, group by group?
#
# Read the curves at a day that matters to you, each with its limits. **The trap:** a test answers whether groups differ, not by how much and not why. Who chose the web shop may have been another kind of customer from the start.

# %%
report.show("curves", pictures=False)

# %%
if not report["curves"].missing:
    exec(report["curves"].calls, made)
    words = {"xlabel": "days since the customer came", "ylabel": "still there"}
    cl.plot.survival(made["curve"], test=made.get("test"), suppress_below=MIN_CELL, **words)

# %% [markdown]
# ### How many will be left in a year?
#
# Of those who are here now, how many will stay? (In a log, *now* lies one limit of silence back: who came since may or may not be lost.) Look at the limits, and at how the same forecast would have done before. **The trap:** it knows the past only. Newcomers are not in it, nor next year's prices.

# %%
report.show("ahead", pictures=False)

# %% [markdown]
# ### Does the money hold?
#
# Of a log: what a cohort spends later for every 1.00 it spent at first. Of contracts: net and gross revenue retention. **The trap:** a few large customers. Revenue may hold while customers melt away, so read it beside the churn rate.

# %%
report.show("money")

# %% [markdown]
# ### Who has gone quiet?
#
# Here the measure is each customer's own habit: today's silence in multiples of the median gap. **The trap:** a single limit for all. It cries too late for the weekly guest, and too early for the one who comes twice a year. Whom to call first: `cl.purchases.silences` gives the list.

# %%
report.show("silent", pictures=False)

# %% [markdown]
# ### What can this file not answer?
#
# A question without its columns is no error. The section says what to bring:

# %%
{name: report[name].missing for name in ("reasons", "opinions") if report[name].missing}

# %% [markdown]
# ## The same numbers in Python
#
# A page convinces nobody who cannot check it. Beneath each table stands the code that makes it, with `data` for your file:

# %%
print(report["churn"].calls)

# %% [markdown]
# Run it, and compare with what the page shows: the same periods, the same rates, to the last digit.

# %%
shown = report["churn"].tables[0].frame
exec(report["churn"].calls, made)
again = made["churn"].set_index("period_start").loc[shown["period_start"]]
assert len(shown) and again["rate"].tolist() == shown["rate"].tolist()
again[["opening", "lost", "rate"]].tail(3).round(4)

# %% [markdown]
# ## Contracts, reasons and ratings
#
# The same call on a table of contracts (generated too: a cellular operator) that says why they ended, with a survey beside it.

# %%
contracts = cl.datasets.generate_leavers(1_200, seed=1)
ratings = cl.datasets.generate_ratings(300, seed=1, waves=1)
contracts.dropna().head(2)

# %% [markdown]
# The columns have the names of their roles, so none needs naming. But `as_of` must be said: a contract without an end was running *when*?

# %%
operator = cl.report.build(contracts, ratings=ratings, as_of="2025-01-01")
operator

# %% [markdown]
# It has no triangle and no silences: contracts hold no visits. Two sections are new.
#
# ### Why did they leave?
#
# **The trap:** a reason is what somebody wrote down on the way out. And where a row says *withheld*, too few customers stand behind it.

# %%
operator.show("reasons", pictures=False)

# %% [markdown]
# The rows add up to the share of all who left. `unknown` are those whose reason is missing, here because nobody asked them: they are neither dropped nor spread over the others.
#
# ### What do customers say?
#
# The Customer Churn Index of the survey. **The trap:** a survey reaches those who are still customers, and of them those who like to answer.

# %%
operator.show("opinions", pictures=False)

# %% [markdown]
# ## What was left out
#
# Every call writes a **ledger**: of all that was read, what was used, and what was excluded under which rule. Here is what was excluded or noted on the way to the first report, each rule once:

# %%
left_out = report.ledger[report.ledger["fate"].isin(["excluded", "noted"])]
left_out.drop_duplicates(["unit", "rule"])[["unit", "fate", "rule", "n", "meaning"]]

# %% [markdown]
# If a number here is large, stop and ask before you show anything: half the rows without a customer is no rounding error. (A row to which two rules apply is left out once, under one of them; the profile counts it under both.) And look at `later_spell`: those had been called lost, and came back. Many of them mean that `INACTIVITY` is short for this business.
#
# ## A page to hand on
#
# The report is one HTML file, with all pictures, `as_of` at the top and the ledger at the end. It needs no internet and runs nothing, on a phone or on paper.

# %%
page = report.save(Path(folder.name, "report.html"))
assert "<script" not in page.read_text("utf-8")
page.name

# %% [markdown]
# Two things are *not* on it:
#
# * **small cells.** A count above 0 and below `min_cell` customers is withheld, with every figure that rests on it: three people in a cell are three people one may know. `min_cell=0` shows all, for your own eyes.
# * **examples of customers.** The profile above showed two ids that look alike, so that you can find them; the page gives their number.

# %%
alike = found.loc[found["finding"] == "look_alike_customers", "example"]
ids = [part.strip(" '") for text in alike for part in text.split("|")]
assert not any(customer in report.show("found").html for customer in ids)
ids

# %% [markdown]
# The same page from the command line, without any Python:
#
# ```
# churnlab report Bestellungen.csv --customer "Kunden-Nr." --time Bestelldatum \
#     --amount Betrag --by Kanal --as-of 2026-01-01 \
#     --sep ";" --decimal , --dayfirst -o report.html
# ```
#
# `churnlab profile Bestellungen.csv …` prints the findings, and `--save-notebook` writes a notebook with all calls beside the page.
#
# ## What you have learnt
#
# * A file needs a customer and a time, or a customer, a start and an end. The rest is optional, and the report says what is missing.
# * What the bytes cannot decide is asked, never guessed.
# * Every figure carries its convention, its limits and its `as_of`; what was left out is counted.
# * The page and Python give the same numbers.
#
# | term | 中文 | |
# |---|---|---|
# | event log | 事件日志 | one row per thing a customer did |
# | contract | 合同 | one row with a start, and an end or none yet |
# | profile | 数据概况 | what is in a file, before any analysis |
# | as of | 数据截止时点 | the instant up to which the data were read |
# | churn rate | 流失率 | share lost of those there when a period began |
# | inactivity | 静默期 | silence that counts as having left |
# | ledger | 台账 | what was used, what was excluded, and why |
# | small cell | 小单元格 | a figure on too few customers to be shown |
#
# **Three things to try on your own file**
#
# 1. Build it twice, with `INACTIVITY` half as long and twice as long. Which of your sentences survive both?
# 2. Set `AS_OF` one year back. Would the forecast of that day have told you what came?
# 3. Show the profile to whoever runs the system, and ask about the largest number in it that is not a fact but a finding.
#
# **Where to go on.** Each section has its lesson: [churn rate](01_churn_rate.ipynb), [cohort retention](02_cohort_retention.ipynb), [projecting retention](03_projecting_retention.ipynb), [revenue retention](04_revenue_retention.ipynb), [survival curves](11_survival_curves.ipynb), [why they leave](12_why_they_leave.ipynb), the [Customer Churn Index](21_cci_matrix.ipynb). What a lost customer costs stands in [notebook 31](31_what_a_lost_customer_costs.ipynb), and what other tools call all this in [notebook 92](92_other_tools.ipynb).
