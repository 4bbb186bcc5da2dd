"""Notebook 36, parts C and D: the cases of the articles, and the traps between them."""

from __future__ import annotations

from collections.abc import Mapping

from churnlab.learn.exercise import Choice, Exercise

CASES: Mapping[str, Exercise] = {
    # ------------------------------------------------------------------ C: nine cases
    "36.25": Exercise(
        "Suppose nothing changed between the three visits and the scores came in a random order. "
        "With what probability would they be rising all the same?",
        1 / 6,
        "Three different scores can come in 6 orders, and one of them rises throughout: 1/6. "
        "'Better every time' is what one outlet in six shows by luck.",
        ("In how many orders can three scores come?",),
        (
            (0.25, "That takes the two rises for independent; after one rise another is rarer."),
            (1 / 3, "That is the chance that the highest comes last; the other two matter too."),
            (0.5, "That is the chance of one rise; two are wanted."),
        ),
        tolerance=1e-3,
        term=("mystery shopper", "神秘顾客"),
    ),
    "36.26": Exercise(
        "If 30 million dollars of advertising are about 1 % of revenue, how large is the revenue "
        "(million dollars)?",
        3000,
        "30 / 0.01 = 3,000 million. A firm that grew while it advertised little: one case, and "
        "nothing to tell what made it grow.",
        ("30 is one hundredth of it.",),
        (
            (0.3, "That is 1 % of 30; here 30 is the 1 %."),
            (3, "That is in thousand millions; in millions, please."),
            (30_000, "That is 300 million at 1 %: you took the peers' advertising."),
        ),
        term=("advertising share", "广告费用率"),
    ),
    "36.27": Choice(
        "How could Skyworth have found out whether the vans keep customers?",
        "c",
        "c: Compare districts that got the vans early with those that got them late, in repair time "
        "and in repurchase. Systems and costs measure effort, not effect; before and after mixes "
        "the vans with all else that changed.",
        ("Effect needs a comparison. Which of the four compares?",),
        (
            ("a", "Systems are effort: one can have a dozen of them and lose customers."),
            ("b", "Money spent is effort as well."),
            ("d", "Before and after in all districts at once: anything else may have changed too."),
        ),
        term=("customer orientation", "以客户为中心"),
        options=(
            "count the systems and subsystems in use",
            "add up what the vans cost",
            "hand out the vans district by district, and compare early with late ones",
            "ask all customers before and after",
        ),
    ),
    "36.28": Choice(
        "The firm wants to watch its renewal rate of June. Who belongs below the line?",
        "b",
        "b: Those whose term ended in June: only they could renew. It is the rule of the opening "
        "cohort again, the same group above and below the line.",
        ("Who could have renewed in June?",),
        (
            ("a", "Most of them had nothing to renew in June: the rate would be far too low."),
            ("c", "They are above the line: with them below it the rate is always 100 %."),
            ("d", "Newcomers of June have nothing to renew yet."),
        ),
        term=("renewal rate", "续费率"),
        options=(
            "all customers at the end of June",
            "customers whose term ended in June",
            "customers who renewed in June",
            "customers won in June",
        ),
    ),
    "36.29": Exercise(
        "Five customers a month: what is the half-width of the textbook 95 % limits of a share, "
        "where it is widest, at one half (a share)?",
        0.4383,
        "1.96 × √(0.5 × 0.5 / 5) = 0.438: the month's share is known to plus or minus 44 points.",
        ("z × √(p (1 − p) / n), with p = 0.5 and n = 5.",),
        (
            (0.2236, "That is the standard error: multiply by 1.96."),
            (0.8765, "That is the whole width."),
            (0.1265, "That is for the 60 calls of a year."),
            (0.1960, "You divided by 5 outside the root: it belongs under it."),
        ),
        tolerance=1e-3,
        term=("sample size", "样本量"),
    ),
    "36.30": Exercise(
        "One month all five are satisfied. What is the lower 95 % Wilson limit of the share of "
        "satisfied customers (a share)?",
        0.5655,
        "wilson(5, 5): from 0.566 to 1. A perfect month is compatible with 43 % who are not "
        "satisfied.",
        ("cl.intervals.wilson(5, 5), the first of the two.",),
        (
            (1.0, "That is the share itself; ± 1.96 standard errors have no width at 5 of 5."),
            (0.4782, "That is the exact limit of Clopper and Pearson."),
            (0.9398, "That would be 60 of 60, a year of perfect months."),
        ),
        tolerance=1e-3,
        term=("confidence limits", "置信限"),
    ),
    "36.31": Choice(
        "A buyer of a watch that lasts for decades has been silent for two years. What should the "
        "shop's rule call such a customer?",
        "d",
        "d: Nothing yet: with gaps of decades a silence of two years says nothing. Ask for "
        "recommendation and servicing, which come more often than purchases.",
        ("How long is the usual gap between two purchases?",),
        (
            ("a", "Twelve months suit a workshop with 2.5 visits a year, not this shop."),
            ("b", "Long against what? The usual gap is decades: two years are no warning."),
            ("c", "Silence is no proof of attachment either."),
        ),
        term=("inactivity", "静默期"),
        options=(
            "lost: there was no purchase for more than twelve months",
            "at risk: two years are a long silence",
            "loyal: the watch is still worn",
            "nothing: silence cannot be judged at this length",
        ),
    ),
    "36.32": Exercise(
        "Our numbers: an order that is kept earns 40 yuan, one that is returned costs 15. What "
        "does an order earn on average while 32 % are returned (yuan)?",
        22.4,
        "0.68 × 40 − 0.32 × 15 = 22.4. The guarantee still pays here, and what it does for trust "
        "is not yet counted.",
        ("Weigh the two outcomes with their shares.",),
        (
            (27.2, "You forgot that a returned order costs 15."),
            (35.2, "You counted 40 for every order; only 68 % are kept."),
            (25.0, "That is 40 − 15, as if every order were kept and returned."),
            (2.6, "You exchanged the shares: 32 % are returned, 68 % kept."),
        ),
        tolerance=1e-3,
        term=("return rate", "退货率"),
    ),
    "36.33": Exercise(
        "The hotel says it is full if one in ten of its 200,000 past guests comes in a year. How "
        "many of them arrive per day (a number)?",
        54.79,
        "200,000 / 10 / 365 = 54.8, about 55 arrivals a day. Whether that fills a hotel depends on its rooms "
        "and the length of a stay; the article tells neither.",
        ("First the guests of a year, then of a day.",),
        (
            (20_000, "That is per year."),
            (547.9, "That is all 200,000 within a year."),
            (1666.7, "That is per month."),
        ),
        tolerance=0.25,
        term=("repeat visit", "老客户光顾"),
    ),
    "36.34": Choice(
        "Cards go to all guests who have been away for three years, and 4 % of them return within "
        "a year. What did the cards achieve?",
        "d",
        "d: Unknown. Leave out a tenth of the guests by lot: the difference between the two shares is "
        "the cards' doing, and a stamp is cheap enough to find out.",
        ("How many would have come without a card?",),
        (
            ("a", "Some of them would have come anyway."),
            ("b", "The guest of the story is one who came; those who did not are not told of."),
            ("c", "That would compare with guests of another kind."),
        ),
        term=("reactivation campaign", "召回活动"),
        options=(
            "they brought back 4 %",
            "they win hearts: one guest promised never to stay elsewhere",
            "4 % minus the share of recent guests who return",
            "it cannot be told without guests who got no card",
        ),
    ),
    "36.35": Choice(
        "Suppose customers came back in the weeks after the statements and donations. What would "
        "follow?",
        "c",
        "c: No more than that they came back. A boycott also fades by itself, and the earthquake "
        "changed what people talked about. Nobody saw the same weeks without the donations.",
        ("What else happened in these weeks?",),
        (
            ("a", "After is not because of: the same weeks brought much else."),
            ("b", "No customer was counted: neither the loss nor the return has a number."),
            ("d", "Nothing shows that they were useless, either."),
        ),
        term=("relationship repair", "客户关系恢复"),
        options=(
            "the donations brought them back",
            "23 million yuan is the price of these customers",
            "no more than that they came back: nothing tells why",
            "donations are useless",
        ),
    ),
    # ------------------------------------------------------------------ D: traps
    "36.36": Exercise(
        "Retention falls by half, from 90 % to 45 %. What is the churn rate now (a share)?",
        0.55,
        "1 − 0.45 = 0.55. Churn and retention add up to 1; inverse proportion would have said 0.2.",
        ("churn = 1 − retention.",),
        (
            (0.2, "That is inverse proportion: churn doubles when retention halves. It does not."),
            (0.1, "That was before the fall."),
            (0.45, "That is the retention."),
        ),
        tolerance=1e-3,
        term=("retention rate", "保持率"),
    ),
    "36.37": Choice(
        "A contented customer moves abroad and ends the contract. How do you count the case?",
        "b",
        "b: Lost, with an uncontrollable reason. Whether they left is one column and why another: "
        "then churn can be counted in full and explained in part.",
        ("Two questions: is the customer gone, and why?",),
        (
            ("a", "Then contented leavers vanish, and the curve shows only the discontented."),
            ("c", "That waits for proof of a purchase elsewhere, which you never see."),
            (
                "d",
                "Dormant are the silent, of whom nobody knows. Here the end is known.",
            ),
        ),
        term=("lost customer", "流失客户"),
        options=(
            "not lost: the customer was not dissatisfied",
            "lost; the reason, moving, is kept in a column of its own",
            "not lost until seen at a competitor",
            "dormant: the customer may return",
        ),
    ),
    "36.38": Choice(
        "Branch A got 40 complaints from 10,000 customers, branch B got 10 from 10,000. B has no "
        "complaint line. Which branch satisfies better?",
        "d",
        "d: It cannot be told. Most of the dissatisfied never complain, and a good complaint line "
        "raises the count. Ask a random sample instead.",
        ("What makes a dissatisfied customer complain?",),
        (
            ("a", "Complaining is harder at B; the silence of the others is not consent."),
            ("b", "More complaints may come from an open ear, but that is no proof either."),
            ("c", "40 and 10 of 10,000 do differ beyond chance: it is the measure that fails."),
        ),
        term=("satisfaction survey", "满意度调查"),
        options=(
            "B: it has fewer complaints",
            "A: it listens",
            "the difference is chance",
            "complaints alone do not tell",
        ),
    ),
    "36.39": Exercise(
        "Xu buys 12 times for 50 yuan at a margin of 10 %, Yan 3 times for 150 yuan at 30 %. By "
        "how much is Yan's profit larger than Xu's (yuan)?",
        75,
        "Yan 450 × 0.3 = 135, Xu 600 × 0.1 = 60; 135 − 60 = 75. By F × M Xu leads: that is "
        "revenue.",
        ("Profit is frequency × amount × margin.",),
        (
            (-150, "That is the difference in revenue: the margin is missing."),
            (135, "That is Yan's profit; subtract Xu's."),
            (-75, "The other way round: Yan minus Xu."),
            (100, "Per purchase Yan pays 100 more; the question is about profit."),
        ),
        term=("margin", "利润率"),
    ),
    "36.40": Choice(
        "One list of loyalty signs asks for attention to the brand, the other for the attitude to "
        "competing brands. Both are scored 1 to 5; 5 is much attention in the one and great liking "
        "for competitors in the other. What must happen before a mean is taken?",
        "a",
        "a: Reverse the second (6 − score), or loyal customers get a high mark for one and a low mark "
        "for the other. And name the two signs apart: they are not the same.",
        ("Which way does each of the two move as loyalty grows?",),
        (
            ("b", "They move in opposite directions: a mean would cancel them out."),
            ("c", "Then nothing can be compared with the other list. One can carry both."),
            ("d", "A product does not turn a sign round."),
        ),
        term=("reversed item", "反向题"),
        options=(
            "the attitude to competing brands is reversed",
            "nothing: both measure loyalty",
            "one of them is dropped",
            "they are multiplied",
        ),
    ),
}
