"""The questions of notebook 36: here its short answers (B), with the words (A) and cases (C, D)."""

from __future__ import annotations

from collections.abc import Mapping

from churnlab.learn.cases import CASES
from churnlab.learn.exercise import Choice, Exercise
from churnlab.learn.words import WORDS

_SHORT_ANSWERS: Mapping[str, Exercise] = {
    "36.10": Choice(
        "Besides profit, which of these are values of a customer in the article's sense?",
        "abde",
        "abde: Crowd, information, word of mouth and a weapon against rivals; with profit that makes "
        "five values. Only the profit is in the accounts.",
        ("Four of the six; the other two are not the customer's doing.",),
        (
            ("c", "Capital comes from owners and banks; customers bring revenue."),
            ("f", "Loyal staff may win loyal customers; the article argues in that direction."),
        ),
        term=("customer value to the firm", "客户的价值"),
        options=(
            "a full shop draws further people in",
            "customers tell what they need and what went wrong",
            "customers lend the firm its capital",
            "they tell others",
            "what they buy here they do not buy from a rival",
            "they make the staff more loyal",
        ),
    ),
    "36.11": Exercise(
        "How many arrows does the table of transitions hold, from a state to one that may follow "
        "it (a number)?",
        9,
        "2 into first-time, 2 out of it, 2 out of repeat, 1 out of loyal and 2 back from lost: 9.",
        ("len(arrows)",),
        (
            (6, "That is the number of states from which an arrow starts."),
            (7, "That leaves out the two arrows back from lost."),
            (10, "Lost for ever is the absence of an arrow: nothing follows it."),
        ),
        term=("state transitions", "客户状态转化"),
    ),
    "36.12": Choice(
        "A lost customer is won back and buys. In which states may that be, by the arrows?",
        "bc",
        "bc: As a repeat or even a loyal customer, never as a first-time one: there is a history to "
        "build on. In churnlab a second spell begins, and the ledger notes it.",
        ("Follow the arrows that leave 'lost'.",),
        (
            ("a", "It is not the first time: the history is still in the files."),
            ("d", "A target is chosen and has not bought; this customer just did."),
        ),
        term=("won-back customer", "挽回的客户"),
        options=("first-time", "repeat", "loyal", "target"),
    ),
    "36.13": Exercise(
        "Our example: it costs 400 yuan to win a customer, who then brings 300 a year for four "
        "years and costs 150 a year to sell to and to serve. What is the customer worth over the "
        "four years, without interest (yuan)?",
        200,
        "4 × 300 − 400 − 4 × 150 = 200 yuan. A good customer is one for whom this is positive.",
        ("Revenue, minus winning, minus selling and serving.",),
        (
            (1200, "That is the revenue alone."),
            (800, "You forgot the yearly cost of selling and serving."),
            (600, "You forgot what it cost to win the customer."),
            (650, "Selling and serving cost 150 in each of the four years."),
        ),
        term=("profitable customer", "有利可图的客户"),
    ),
    "36.14": Choice(
        "A small customer brings a small profit and shows no prospect of growing. What do the rules "
        "of the pyramid advise?",
        "c",
        "c: Charge more for service, or make it cheaper to give. Only the bad customer, who costs "
        "more than can ever be mended, is let go at once.",
        ("Resources follow value, but a small profit is still a profit.",),
        (
            ("a", "That is for small customers who may grow: it is an investment."),
            ("b", "That is for the top of the pyramid."),
            ("d", "That is for bad customers. Many small ones are still worth having."),
        ),
        term=("tiered management", "客户分级管理"),
        options=(
            "support them, even at a loss for some time",
            "set up a department for them",
            "raise the price of service, or lower its cost",
            "drop them",
        ),
    ),
    "36.15": Exercise(
        "A customer bought 7 times within 180 days, from the first purchase to the last, and then "
        "not for 60 days. How many usual gaps long is the present silence (a number)?",
        2,
        "7 purchases make 6 gaps, 180 / 6 = 30 days each; 60 / 30 = 2. Recency and frequency "
        "together tell who is overdue.",
        ("How many gaps lie between seven purchases?", "180 / 6 days is the usual gap."),
        (
            (60 / (180 / 7), "Seven purchases have six gaps between them, not seven."),
            (60 / 40, "The silence belongs to no finished gap: leave it out of the mean."),
            (0.5, "The other way round: silence divided by gap."),
            (30, "That is the usual gap in days; the question asks how many of them."),
        ),
        tolerance=1e-3,
        term=("recency", "最近一次消费"),
    ),
    "36.16": Choice(
        "The guests of a hotel used to expect 7 points of 10, and perceived 7. An advertisement "
        "raises what they expect to 9; better service raises what they perceive to 8. What "
        "follows, by the article's rule?",
        "b",
        "b: Perceived 8 is below expected 9: dissatisfied, though the service is better than before. "
        "Satisfaction compares, so never promise more than you keep.",
        ("Compare perceived with expected, before and after.",),
        (
            ("a", "The service improved, but satisfaction compares it with what was expected."),
            ("c", "Equal was before: 7 and 7. Now it is 8 and 9."),
            ("d", "Very satisfied are those who perceive more than they expected."),
        ),
        term=("customer expectation", "客户期望"),
        options=(
            "guests are more satisfied than before",
            "guests were satisfied and are now dissatisfied",
            "guests are as satisfied as before",
            "guests are now very satisfied",
        ),
    ),
    "36.17": Exercise(
        "Our example, in yuan: a shop offers product 40, service 25, personnel 10, image 15, and "
        "costs money 50, time 10, mental 5 and physical effort 5. What value does the customer "
        "perceive?",
        20,
        "90 of value minus 70 of cost = 20. A delivery that saves the 10 of time raises it as much "
        "as a price cut of 10.",
        ("Add four, add four, subtract.",),
        (
            (40, "You subtracted only the money: time and effort are costs too."),
            (90, "That is the total value; the costs are still to come off."),
            (-10, "You compared the product with its price: service, people and name count too."),
        ),
        term=("delivered value", "让渡价值"),
    ),
    "36.18": Choice(
        "A fan of a carmaker recommends it to everybody but has no money for a car. Which corner "
        "of attitude and repeat purchase is that?",
        "b",
        "b: High attitude, low repeat purchase: latent loyalty. Monopoly and inertia sit in the "
        "opposite corner, spurious loyalty: low attitude, high repeat purchase.",
        ("The attitude is high; what about the purchases?",),
        (
            ("a", "Loyalty proper has both: attitude and repeat purchase."),
            ("c", "Spurious loyalty is the reverse: purchases without the attitude."),
            ("d", "Whoever recommends it to everybody is not indifferent."),
        ),
        term=("attitude and behaviour", "态度与行为"),
        options=("loyalty", "latent loyalty", "spurious loyalty", "no loyalty"),
    ),
    "36.19": Choice(
        "Which of these signs become smaller as loyalty grows?",
        "bcf",
        "bcf: Loyal customers choose quickly, mind the price less and look less at rivals. The article "
        "lists the signs without a direction; the directions are ours.",
        ("Picture yourself in the shop you like best.", "Three of the six."),
        (
            ("a", "Repeat purchases grow with loyalty."),
            ("d", "The more loyal, the more is spent here."),
            ("e", "A friend is forgiven a mistake: tolerance grows."),
        ),
        term=("loyalty indicators", "忠诚度指标"),
        options=(
            "number of repeat purchases",
            "time needed to choose",
            "sensitivity to the price",
            "spend on the brand",
            "tolerance of a faulty product",
            "interest in competing brands",
        ),
    ),
    "36.20": Choice(
        "Some customers stay only because leaving would cost them points, settings and habits. A new "
        "law lets them take all of it along. Which customers will the survival curve lose first?",
        "c",
        "c: Those who were held and not attached. A switching cost hides discontent, and the curve "
        "falls when it goes.",
        ("Who wanted to leave already?",),
        (
            ("a", "Attached customers have no reason to move, now that they could."),
            ("b", "Buying much is no wish to leave."),
            ("d", "Newcomers had little to lose before: for them the law changes least."),
        ),
        term=("switching cost", "转换成本"),
        options=(
            "those who are fond of the firm",
            "those who buy most",
            "those who are held but not satisfied",
            "those who came last month",
        ),
    ),
    "36.21": Exercise(
        "One purchase in four disappoints, and 5 % of the disappointed complain, says another "
        "article of the course. How many complaints do 1,000 purchases yield (a number)?",
        12.5,
        "1,000 × 1/4 × 5 % = 12.5, or about 12 or 13: each complaint stands for 20 disappointed customers. (It takes "
        "one customer per purchase, and gives no source.)",
        ("First the disappointed, then the share of them who complain.",),
        (
            (250, "Those are the disappointed; few of them say so."),
            (50, "5 % of the disappointed complain, not 5 % of everybody."),
            (237.5, "Those are the disappointed who keep silent."),
            (0.0125, "That is per purchase; the question asks for 1,000."),
        ),
        tolerance=0.5,
        term=("complaint iceberg", "投诉冰山"),
    ),
    "36.22": Exercise(
        "Of 4 lost customers approached 1 buys, of 16 prospects 1, says the article. At equal "
        "value of a sale, how many times as much may an approach to a lost customer cost (times)?",
        4,
        "1/4 ÷ 1/16 = 4. The article names no study, and whoever is approached was probably "
        "chosen: measure your own two rates.",
        ("Cost per sale is cost per approach divided by the rate.",),
        (
            (5, "That is the ratio of the odds, 1:3 against 1:15; costs go with the rates."),
            (0.25, "The other way round: the lost customer says yes more often."),
            (0.1875, "That is the difference of the rates."),
            (16, "That is how many prospects it takes for one sale."),
        ),
        tolerance=1e-3,
        term=("win-back", "客户挽回"),
    ),
    "36.23": Choice(
        "How hard should the firm try to win back whom? Put the efforts in the order of the tiers: "
        "for key, for ordinary, for small customers, and for those not worth keeping.",
        "dbca",
        "dbca: Utmost effort, serious effort, as circumstances allow, let go. And everybody gets a civil "
        "goodbye: a lost customer still talks.",
        ("The effort falls from the top of the pyramid to its base.",),
        (
            ("acbd", "That is upside down: effort follows value."),
            ("bdca", "The most effort belongs to the key customers."),
        ),
        term=("win-back by tier", "按级别挽回"),
        options=(
            "let go, politely",
            "a serious effort",
            "as circumstances allow",
            "the utmost, again and again",
        ),
        ordered=True,
    ),
    "36.24": Choice(
        "Which of these reasons for leaving lie with the customer, so that the firm can hardly "
        "prevent them?",
        "abf",
        "abf: The customer moves, goes bankrupt or gets a new buyer: none of it is the firm's doing. The "
        "article adds changed needs, growth and the wish for something new.",
        ("Three of the six. Whose staff, whose address, whose money?",),
        (
            ("c", "A slow answer to a complaint is the firm's own doing."),
            ("d", "The salesperson is the firm's, and so are the means to keep the customers."),
            ("e", "A missing reward for loyalty is the firm's choice."),
        ),
        term=("reason", "流失原因"),
        options=(
            "the customer moves to another city",
            "the customer goes bankrupt",
            "a complaint is answered too late",
            "our salesperson leaves and takes customers along",
            "staying brings the customer no benefit",
            "the customer's buyer changes job",
        ),
    ),
}

CONCEPTS: Mapping[str, Exercise] = {**WORDS, **_SHORT_ANSWERS, **CASES}
