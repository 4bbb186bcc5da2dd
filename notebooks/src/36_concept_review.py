# %% [markdown]
# # Concept review: the words, the questions, the cases
#
# **The question.** Colleagues say *loyal*, *lost*, *satisfied* and *key account*, and nod. Do they mean the same thing? Would they count the same customers?
#
# **The decision.** What goes into a report, a survey or a database field. A word that two departments understand differently makes two numbers, and a meeting about whose is right.
#
# **What this review is.** Forty questions on the concepts behind customer retention (客户保持) and customer churn (客户流失). They follow an article of questions and cases on customer relationship management (article 001 of the course; one case comes from article 000), in our own words and with every term in English and in Chinese. There is little to calculate. Where a case has numbers, churnlab checks what they can carry.
#
# **You will**
#
# * fill in the words of the field, in English or in Chinese;
# * answer short questions and learn from each wrong option why it is wrong;
# * meet nine cases, from fried chicken to a hotel in Bangkok, and ask of each what it shows and what it cannot show;
# * see five traps, three of them contradictions within the articles or between them.

# %%
from itertools import permutations
from math import sqrt
from statistics import mean

import matplotlib.pyplot as plt
import pandas as pd

import churnlab as cl

# %% [markdown]
# ## How to use it
#
# A cell shows a question; the next one takes your answer. Put it in place of the `...` and run the cell.
#
# | the question asks for | you write |
# |---|---|
# | words for the gaps (1), (2), … | `answer = ["bread", ..., "牛奶"]` |
# | one letter | `answer = "b"` |
# | all letters that apply | `answer = "acd"` |
# | the letters in their order | `answer = "bdac"` |
# | a number | `answer = 0.15` |
#
# Words may be English or Chinese; capitals, blanks, hyphens and plurals do not matter, and a gap left at `...` stays open. Letters are written without text. A right answer is followed by its explanation; a wrong one is told why, if we know the road that leads there. `q1.hint()` helps (in part A `q1.hint(2)` is about gap 2), and the solution is folded under each question. Part A takes a quarter of an hour, the rest an hour; the parts do not need each other.
#
# ## Exercises, part A: the words
#
# A customer is never simply "a customer". First the states, and what the firm does in each phase.

# %%
q1 = cl.learn.exercise("36.1")
q1

# %%
answer = [..., ..., ..., ..., ...]
q1.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q1.check(["potential", "target", "repeat", "loyal", "lost"])

# %%
q2 = cl.learn.exercise("36.2")
q2

# %%
answer = [..., ..., ...]
q2.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q2.check(["build", "maintain", "repair"])

# %% [markdown]
# Which customers matter most? Two ways to sort them: by what they did lately, and by what they bring.

# %%
q3 = cl.learn.exercise("36.3")
q3

# %%
answer = [..., ..., ...]
q3.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q3.check(["recency", "frequency", "monetary"])

# %%
q4 = cl.learn.exercise("36.4")
q4

# %%
answer = [..., ..., ...]
q4.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q4.check(["key", "ordinary", "small"])

# %% [markdown]
# Why do they buy here, and why again? One difference, three kinds of faithfulness, and one price of leaving.

# %%
q5 = cl.learn.exercise("36.5")
q5

# %%
answer = [..., ..., ..., ...]
q5.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q5.check(["personnel", "image", "time", "physical"])

# %%
q6 = cl.learn.exercise("36.6")
q6

# %%
answer = [..., ..., ...]
q6.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q6.check(["monopoly", "inertia", "trust"])

# %%
q7 = cl.learn.exercise("36.7")
q7

# %%
answer = ...
q7.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q7.check("转换成本")

# %% [markdown]
# Two more: the systems that hold the records, and what to do when somebody is angry. The second asks for an order instead of words.

# %%
q8 = cl.learn.exercise("36.8")
q8

# %%
answer = [..., ..., ...]
q8.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q8.check(["operational", "analytical", "collaborative"])

# %%
q9 = cl.learn.exercise("36.9")
q9

# %%
answer = ...
q9.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q9.check("cadb")

# %% [markdown]
# ## Exercises, part B: short answers
#
# From here on sentences count instead of words. Read all options before you choose: each wrong one is an opinion that somebody holds.
#
# ### Who they are, and where they go
#
# Customers are worth more than the profit on their purchases. The article adds four values: they draw others in by being there, they inform the firm, they talk to others, and whoever has them is stronger against rivals.

# %%
q10 = cl.learn.exercise("36.10")
q10

# %%
answer = ...
q10.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q10.check("abde")

# %% [markdown]
# The article describes how customers pass from state to state. Each arrow leads to a state that may come next:

# %%
leads_to = {
    "potential": ["first-time"],
    "target": ["first-time"],
    "first-time": ["repeat", "lost"],
    "repeat": ["loyal", "lost"],
    "loyal": ["lost"],
    "lost": ["repeat", "loyal"],
}
arrows = pd.Series(leads_to, name="to").rename_axis("from").explode()
place = {"potential": (0, 2, "潜在"), "target": (0, 0, "目标"),
         "first-time": (1, 1, "初次"), "repeat": (2, 1, "重复"),
         "loyal": (3, 1, "忠诚"), "lost": (2, -0.6, "流失")}  # fmt: skip

# %%
with cl.plot.style():
    fig, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
    for a, b in arrows.items():
        look = {"arrowstyle": "->", "connectionstyle": "arc3,rad=0.12"}
        look |= {"color": "firebrick" if "lost" in (a, b) else "C0"}
        look |= {"shrinkA": 28, "shrinkB": 28}
        ax.annotate("", place[b][:2], place[a][:2], arrowprops=look)
    for state, (x, y, twin) in place.items():
        ax.text(x, y, f"{state}\n{twin}", ha="center", va="center")
    ax.set(xlim=(-0.4, 3.4), ylim=(-1, 2.4)), ax.axis("off")

# %% [markdown]
# Blue is the way up, red the way out and back. No arrow leads from potential to target: there the firm chooses, and nobody buys. Not drawn either: everybody may stay where they are, and some of the lost are lost for ever. The others come back to the state at which their arrow ends, for the firm still knows them.

# %%
q11 = cl.learn.exercise("36.11")
q11

# %%
answer = ...
q11.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q11.check(len(arrows))

# %%
q12 = cl.learn.exercise("36.12")
q12

# %%
answer = ...
q12.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q12.check("bc")

# %% [markdown]
# ### Whom to court, and how much
#
# A firm cannot serve everybody equally well, so it chooses. The article wants customers who fit the firm's position and its size, who have prospects, who resemble the loyal ones, and who bring in more over time than they cost.

# %%
q13 = cl.learn.exercise("36.13")
q13

# %%
answer = ...
q13.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q13.check(4 * 300 - 400 - 4 * 150)

# %% [markdown]
# And once they are customers? In the article's pyramid the best people and means go to the top, below it those who may grow are helped to grow, and with those who will not the balance of price and cost is put right. Only bad customers, on whom the firm loses for good, are sent away.

# %%
q14 = cl.learn.exercise("36.14")
q14

# %%
answer = ...
q14.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q14.check("c")

# %% [markdown]
# Recency alone misleads: ten days of silence are nothing for one customer and an alarm for another. The usual gap tells them apart.

# %%
q15 = cl.learn.exercise("36.15")
q15

# %%
answer = ...
q15.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q15.check(60 / (180 / (7 - 1)))

# %% [markdown]
# ### Satisfied, and loyal?
#
# Satisfaction (客户满意) compares what was perceived with what was expected: less is dissatisfied, equal is satisfied, more is very satisfied. Loyalty (客户忠诚) is buying again and again, and not by chance.

# %%
q16 = cl.learn.exercise("36.16")
q16

# %%
answer = ...
q16.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q16.check("b")

# %%
q17 = cl.learn.exercise("36.17")
q17

# %%
answer = ...
q17.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q17.check((40 + 25 + 10 + 15) - (50 + 10 + 5 + 5))

# %% [markdown]
# Buying again is one side of loyalty, the attitude the other. Dick and Basu (1994) cross the two:
#
# | attitude | repeat purchase | corner | 中文 |
# |---|---|---|---|
# | high | high | loyalty | 忠诚 |
# | high | low | latent loyalty | 潜在忠诚 |
# | low | high | spurious loyalty | 虚假忠诚 |
# | low | low | no loyalty | 不忠诚 |

# %%
q18 = cl.learn.exercise("36.18")
q18

# %%
answer = ...
q18.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q18.check("b")

# %%
q19 = cl.learn.exercise("36.19")
q19

# %%
answer = ...
q19.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q19.check("bcf")

# %%
q20 = cl.learn.exercise("36.20")
q20

# %%
answer = ...
q20.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q20.check("c")

# %% [markdown]
# ### Going, gone, and back again
#
# Few of those who are disappointed say so, as with an iceberg, of which the smaller part shows.

# %%
q21 = cl.learn.exercise("36.21")
q21

# %%
answer = ...
q21.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q21.check(1000 * 1 / 4 * 5 / 100)

# %% [markdown]
# Some of those who left can be won back (客户挽回): contact them at once, say sorry, find out why, and remedy just that. How much is it worth, and for whom?

# %%
q22 = cl.learn.exercise("36.22")
q22

# %%
answer = ...
q22.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q22.check((1 / 4) / (1 / 16))

# %% [markdown]
# For whom? The article grades the effort by the pyramid: the more a customer was worth, the harder the firm should try. Some are not worth trying for.

# %%
q23 = cl.learn.exercise("36.23")
q23

# %%
answer = ...
q23.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q23.check("dbca")

# %%
q24 = cl.learn.exercise("36.24")
q24

# %%
answer = ...
q24.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q24.check("abf")

# %% [markdown]
# ## Exercises, part C: nine cases
#
# Business cases tell of firms that did something and then did well. That makes them good illustrations and bad evidence: nobody tells of the firms that did the same and failed. So we note what the article says, name the method, and ask what it would take to know more. The articles give no sources for their figures.
#
# ### KFC 肯德基: disguised visitors
#
# The article counts more than 9,900 outlets in over 60 countries. To see them as guests do, the company trains visitors who come unannounced and unrecognised, again and again, and score what they find: mystery shoppers (神秘顾客). One outlet on the Bund in Shanghai got 83, 85 and 88 points on three visits.

# %%
scores = [83, 85, 88]
round(mean(scores), 2)

# %% [markdown]
# 85 points on average, and 88 on the last visit: a rise each time. How much does that say?

# %%
q25 = cl.learn.exercise("36.25")
q25

# %%
answer = ...
q25.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
orders = list(permutations(scores))
q25.check(sum(list(order) == sorted(order) for order in orders) / len(orders))

# %% [markdown]
# And even a sure rise would show how well the outlet keeps the company's rules. Whether guests come back is another question, for guests.
#
# ### Starbucks 星巴克: relations instead of advertising
#
# The article says that sales grew by over 20 % a year from the listing in 1992 on, and that the share price rose by 2,200 % within ten years. Advertising took only 30 million dollars a year, about 1 % of revenue, where consumer-goods companies of that size spend 300 million. Money went to the staff instead: part-timers got full health insurance from 1988 and share options from 1991. Managers read the customers' comment cards every week, raw, and the till does not open before the cashier has typed in the guest's sex and rough age.

# %%
ten_years = 1.20**10
times = 1 + 2200 / 100
peers = 300 / 30
round(ten_years, 1), times, peers

# %% [markdown]
# At 20 % a year sales are 6.2 times as large after ten years; a rise *by* 2,200 % makes 23 times, not 22; and the peers' advertising is ten times as much. Now the revenue that the article leaves unsaid:

# %%
q26 = cl.learn.exercise("36.26")
q26

# %%
answer = ...
q26.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q26.check(30 / 0.01)

# %% [markdown]
# ### Skyworth 创维: "Customer, you are the president"
#
# In 2000 the maker of television sets announced that the customer ranks as president of the company, and that research, production, sale and repair are one long service. The article lists 5 systems with 12 subsystems for it, a staff handbook, and 10 million (yuan, we suppose) for service vans, so that every county has its service point. What came of it is not told.

# %%
q27 = cl.learn.exercise("36.27")
q27

# %%
answer = ...
q27.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q27.check("c")

# %% [markdown]
# ### A network company: the reminder
#
# A firm that registers domain names and rents out web space, its name is not given, had won so many customers that it lost sight of them. It put their data into one place, sorted them, and let the system remind the staff when to call whom; after each call the record is brought up to date. The aims: to keep customers, and a rate whose printed name makes no sense. We read it as the renewal rate (续费率).

# %%
q28 = cl.learn.exercise("36.28")
q28

# %%
answer = ...
q28.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q28.check("b")

# %% [markdown]
# ### FedEx Taiwan 联邦快递: the call centre
#
# Of the 700 employees in Taiwan 80 work in the call centre, says the article. They learn for one month in class and two months on the job before they may answer. Couriers sit in class for two weeks and ride along for half a month. Two thirds of the volume is booked through the company's own software. And to know what customers think, the call centre picks five of them each month and asks.

# %%
round(80 / 700, 3)

# %% [markdown]
# 11.4 % of the staff, after three months of training. That share needs no 95 % limits (lesson 01), for everybody was counted. The five customers a month are a sample, and do:

# %%
q29 = cl.learn.exercise("36.29")
q29

# %%
answer = ...
q29.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q29.check(cl.intervals.normal_quantile(0.95) * sqrt(0.5 * 0.5 / 5))

# %%
q30 = cl.learn.exercise("36.30")
q30

# %%
answer = ...
q30.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q30.check(cl.intervals.wilson(5, 5)[0])

# %% [markdown]
# Five calls find out *what* bothers customers. For *how many* it bothers, pool the months or call more. The same 80 % satisfied, asked of 5 to 400 customers:

# %%
sample = pd.DataFrame({"calls": [5, 20, 60, 100, 400], "satisfied": 0.8})
low, high = cl.intervals.wilson(sample["calls"] * 0.8, sample["calls"])
sample.assign(conf_low=low, conf_high=high).set_index("calls").round(2)

# %% [markdown]
# ### Rolex 劳力士: choosing one's customers
#
# The article tells three kinds of buyers apart: those who need the function (divers, pilots, travellers), those who want to show what they have achieved, and those who live for fashion and luxury. All three look at the price last. Profit, it says, is more than ten times that of other watches; of which, and per what, it does not say. Choosing customers well is one thing. *Keeping* them is odd here, because hardly anybody needs a second watch soon.

# %%
q31 = cl.learn.exercise("36.31")
q31

# %%
answer = ...
q31.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q31.check("d")

# %% [markdown]
# ### Amway 安利: take it back
#
# 97 laboratories, 7 of them in China, says the article. Whoever is not content may bring the goods back within 30 days. In China up to 32 % of sales came back at one time, which the article blames on a few customers who made free with the rule; the firm kept it. In June 2003, just after the SARS epidemic, it announced to invest another 120 million dollars.
#
# A guarantee takes the risk from the customer, and the firm bears it. Can it? That takes two numbers that the article does not give, so we make them up.

# %%
q32 = cl.learn.exercise("36.32")
q32

# %%
answer = ...
q32.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q32.check(0.68 * 40 - 0.32 * 15)

# %% [markdown]
# ### The Oriental Hotel 东方饭店: they know your name
#
# The article tells of a guest who comes to this hotel in Bangkok for the second time. The floor staff greet him by name, because they learn all names by heart at night; the restaurant offers his old seat and his old breakfast, more than a year later, because the computer remembers. Then business keeps him away for three years, and on his birthday a card arrives: we miss you. Six yuan of postage, as we read the article, and he swears never to stay anywhere else. About 200,000 people have stayed at the hotel so far; if one in ten of them comes in a year, it says, it is always full.

# %%
per_year = 200_000 / 10
per_year

# %%
q33 = cl.learn.exercise("36.33")
q33

# %%
answer = ...
q33.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q33.check(per_year / 365)

# %%
q34 = cl.learn.exercise("36.34")
q34

# %%
answer = ...
q34.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q34.check("d")

# %% [markdown]
# ### Carrefour 家乐福 in China, 2008: winning back in public
#
# In April 2008, after the Olympic torch relay had been disturbed in Paris, a rumour about one of its shareholders made the French chain the target of a boycott. It denied the rumour on its web site, declared its support for the Games, and dressed its staff in red. After the earthquake of 12 May it gave 2 million yuan at once, another million two days after the quake, and 20 million later. Former customers, the article says, were willing to come again; how many did come, it does not say.

# %% tags=["figure"]
given = [2, 1, 20]
assert sum(given) == 23
sum(given), round(given[-1] / sum(given), 2)

# %% [markdown]
# 23 million yuan in all, most of it later. It is the one case of the nine in which many customers are lost at once, and for a reason that has nothing to do with goods or service.

# %%
q35 = cl.learn.exercise("36.35")
q35

# %%
answer = ...
q35.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q35.check("c")

# %% [markdown]
# Nine cases are a long way: get up, open a window, and come back for the last five questions.
#
# ## Exercises, part D: five traps
#
# Whoever copies sentences of the articles into a report copies these too. Three are contradictions: the first trap is at odds with a formula of the same article, the second and the fifth with another definition and another list. The third and the fourth are errors that are easily made.
#
# **"Inversely proportional."** Churn is said to be inversely proportional (成反比) to the retention rate, and to market share, revenue and profit as well. For the first there is an equation, and it is another one. For the others there is at best a tendency: when one rises the other tends to fall.

# %%
q36 = cl.learn.exercise("36.36")
q36

# %%
answer = ...
q36.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q36.check(1 - 0.9 / 2)

# %% [markdown]
# **Lost, but how?** In one place a lost customer is dissatisfied and has gone to a competitor; in another the reason may be any; in a third article twelve months of silence are enough. Three rules, three churn rates.

# %%
q37 = cl.learn.exercise("36.37")
q37

# %%
answer = ...
q37.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q37.check("b")

# %% [markdown]
# **Silence is no praise.** One article warns against measuring satisfaction by the number of complaints, and it is right. The same mistake hides in every dashboard with a "complaint rate".

# %%
q38 = cl.learn.exercise("36.38")
q38

# %%
answer = ...
q38.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q38.check("d")

# %% [markdown]
# **Frequency times amount.** These two together are said to give the profit that a customer creates. One factor is missing.

# %%
q39 = cl.learn.exercise("36.39")
q39

# %%
answer = ...
q39.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q39.check(3 * 150 * 0.3 - 12 * 50 * 0.1)

# %% [markdown]
# **The third sign.** By which signs is loyalty told? Two lists of six agree in five. The third place holds the attitude to competing brands in one and attention to the brand in the other.

# %%
q40 = cl.learn.exercise("36.40")
q40

# %%
answer = ...
q40.check(answer)

# %% jupyter={"source_hidden": true, "outputs_hidden": true} tags=["solution", "hide-cell"]
q40.check("a")

# %% [markdown]
# ## The words of part A
#
# All words asked for above, as the questions hold them. (Those who have not done part A yet: it is a list of its answers.)

# %%
blanks = [q1, q2, q3, q4, q5, q6, q7, q8]
english = [", ".join(q.answer) for q in blanks]
chinese = ["、".join(twins[0] for twins in q.also) for q in blanks]
concepts = pd.Index([q.term[0] for q in blanks], name="concept")
pd.DataFrame({"English": english, "中文": chinese}, index=concepts)

# %% [markdown]
# ## What you have learnt
#
# * A state of a customer is a word; the date of passing into it is a rule. State the rule.
# * Satisfaction compares with expectation, loyalty repeats, and neither proves the other: some stay because leaving costs too much.
# * Complaints are the tip. Ask a random sample, and enough people.
# * Effort follows value: in service, and in winning back.
# * Whether they left is one column, why another.
# * A case shows that something can happen. That it happened *because of* something takes a comparison.
#
# | term | 中文 | |
# |---|---|---|
# | potential customer | 潜在客户 | has the need and the motive, may buy, has not |
# | target customer | 目标客户 | picked out by the firm to be won |
# | first-time customer | 初次购买客户 | has bought once |
# | repeat customer | 重复购买客户 | has bought again |
# | loyal customer | 忠诚客户 | buys again and again, and is attached |
# | lost customer | 流失客户 | was a customer and is one no more, for whatever reason |
# | customer satisfaction | 客户满意 | what was perceived, compared with what was expected |
# | customer loyalty | 客户忠诚 | buying again and again, not by chance |
# | perceived value | 客户感知价值 | total value minus total cost, as the customer feels them |
# | switching cost | 转换成本 | all that a customer would lose by changing the supplier |
# | complaint iceberg | 投诉冰山 | few of the dissatisfied complain; the others leave unheard |
# | win-back | 客户挽回 | selling again to customers who had left |
# | customer pyramid | 客户金字塔 | few customers with much value above many with little |
# | RFM | 最近一次消费、消费频率、消费金额 | recency, frequency and monetary value of a customer |
# | mystery shopper | 神秘顾客 | trained visitor who is served unrecognised and scores what was found |
# | word of mouth | 口碑 | what customers tell others |
#
# The project's glossary, `docs/glossary.md`, holds these and all other words of the course.
#
# ## References
#
# * Article 001 of the course: questions and cases on customer relationship management; article 000: the case of the mystery shoppers and the silent majority of the dissatisfied.
# * Dick and Basu (1994), *Journal of the Academy of Marketing Science* 22(2), 99–113: loyalty as attitude crossed with repeat purchase.
# * Wilson (1927), *Journal of the American Statistical Association* 22, 209–212: the limits of a share.
