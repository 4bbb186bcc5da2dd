"""Notebook 36, part A: the words of customer retention, as gaps to fill."""

from __future__ import annotations

from collections.abc import Mapping

from churnlab.learn.exercise import Blanks, Choice, Exercise

WORDS: Mapping[str, Exercise] = {
    "36.1": Blanks(
        "Somebody with the need and the motive, who may buy but has not, is a (1) customer; one "
        "whom the firm has picked out to win is a (2) customer. Whoever buys is at first a "
        "first-time customer, later a (3) customer, at best a (4) customer. One who was a "
        "customer and is one no more is a (5) customer.",
        ["potential", "target", "repeat", "loyal", "lost"],
        "Potential, target, repeat, loyal, lost: with first-time, two states before the first "
        "purchase, three with us, one after us. The words are simple; the dates at which a "
        "customer passes from one to the next need a rule.",
        (
            "(1): the purchase is possible and still asleep.",
            "(2): the firm takes aim at this one.",
            "(3): the purchase happens again; nothing is said of the heart.",
            "(4): the word for a friend who stays.",
            "(5): the word for what one had and has no more.",
        ),
        (
            (
                ["target", "potential", ..., ..., ...],
                "The other way round: the potential customer has a need, "
                "the target customer has been chosen.",
            ),
            (
                [..., ..., "loyal", "repeat", ...],
                "Repeating comes before loyalty: many buy twice, few become attached.",
            ),
        ),
        term=("customer states", "客户状态"),
        also=(
            ("潜在客户", "prospective", "prospect"),
            ("目标客户", "targeted", "chosen"),
            ("重复购买客户", "重复", "重复消费", "回头客", "returning", "repeating", "repeated"),
            ("忠诚客户", "忠实", "devoted", "faithful"),
            ("流失客户", "已流失", "churned", "former", "lapsed"),
        ),
    ),
    "36.2": Blanks(
        "Where there is no relation with a customer the firm has to (1) one. Where there is one it "
        "has to (2) it. Where it has broken it has to (3) it.",
        ["build", "maintain", "repair"],
        "Build, maintain, repair: three phases with three different tasks, and three different "
        "groups of customers to count.",
        (
            "(1): as with a house, before anybody can live in it.",
            "(2): as with a house, in all the years in which it stands.",
            "(3): as with a roof after the storm.",
        ),
        (
            ([..., "build", ...], "Building is over once there is a relation: now it must last."),
            ([..., ..., "maintain"], "What is broken can no longer be maintained."),
        ),
        term=("relationship phases", "客户关系阶段"),
        also=(
            ("建立", "构建", "building", "establish", "establishing", "create", "start"),
            ("维护", "维持", "保持", "maintaining", "keep", "keeping", "preserve", "sustain"),
            (
                "恢复",
                "修复",
                "修补",
                "挽回",
                "挽救",
                "重建",
                "repairing",
                "restore",
                "restoring",
                "mend",
                "fix",
                "rebuild",
                "rebuilding",
                "win back",
                "recover",
            ),
        ),
    ),
    "36.3": Blanks(
        "Three numbers from the sales records sum up a customer: the time since the last purchase, or (1); "
        "how often the customer buys, or (2); and how much is spent, the (3) value.",
        ["recency", "frequency", "monetary"],
        "Recency, frequency, monetary value: RFM. Small is good for the first, large for the other "
        "two.",
        (
            "(1): its first letter is R; it is made from the word 'recent'.",
            "(2): its first letter is F, as in physics: how many times per year.",
            "(3): its first letter is M; it has to do with money.",
        ),
        (
            (["frequency", ..., ...], "Frequency counts purchases; the first asks how long ago."),
            (
                ["tenure", ..., ...],
                "Tenure runs from the first purchase; this one from the last.",
            ),
        ),
        term=("RFM", "最近一次消费、消费频率、消费金额"),
        also=(
            ("最近一次消费", "最近一次购买", "近度", "R", "recent", "last purchase"),
            ("消费频率", "频率", "频度", "频次", "消费频次", "购买频率", "购买频次", "F"),
            ("消费金额", "金额", "购买金额", "消费额", "M", "amount", "money", "spending", "spend"),
        ),
    ),
    "36.4": Blanks(
        "Sorted by what they bring, customers form a pyramid. At the top stand the few (1) "
        "customers, who may be parted into important and secondary ones; in the middle the (2) "
        "customers; at the broad base the (3) customers.",
        ["key", "ordinary", "small"],
        "Key, ordinary, small. The article names the layers and no cut-offs: where one ends and "
        "the next begins is for you to state.",
        (
            "(1): the top layer is named as in '… account': it opens the door to the firm's profit.",
            "(2): the word for what is neither special nor little.",
            "(3): the word for what is not large.",
        ),
        (
            (["small", ..., "key"], "Upside down: the few are at the top, the many at the base."),
            (["loyal", ..., ...], "The pyramid sorts by value; a loyal customer may bring little."),
        ),
        term=("customer pyramid", "客户金字塔"),
        also=(
            (
                "关键客户",
                "大客户",
                "重要客户",
                "重点客户",
                "核心客户",
                "VIP",
                "key account",
                "top",
                "major",
                "important",
                "big",
                "large",
            ),
            ("普通客户", "一般客户", "general", "average", "middle", "normal", "regular", "common"),
            ("小客户", "小型客户", "minor", "little"),
        ),
    ),
    "36.5": Blanks(
        "What a customer gets is the value of the product, of the service, of the (1) who serve "
        "and of the firm's (2). What a customer gives is money, (3), mental effort and (4) effort. "
        "The difference is the perceived value.",
        ["personnel", "image", "time", "physical"],
        "Perceived value = (product + service + personnel + image) − (money + time + mental + "
        "physical effort). It is also called delivered value.",
        (
            "(1): the people of the firm.",
            "(2): what the name of the firm brings to mind.",
            "(3): the clock counts it.",
            "(4): the effort of the body, not of the mind.",
        ),
        (
            ([..., ..., "price", ...], "The price is the money, which is named already."),
            ([..., ..., "image", ...], "Image is a gain; the third gap is a cost."),
        ),
        term=("perceived value", "客户感知价值"),
        also=(
            ("人员", "人员价值", "员工", "people", "staff", "employees", "persons"),
            (
                "形象",
                "形象价值",
                "企业形象",
                "品牌形象",
                "brand",
                "brand image",
                "reputation",
                "name",
            ),
            ("时间", "时间成本", "time cost"),
            ("体力", "体力成本", "bodily", "body", "physical cost", "physical effort"),
        ),
    ),
    "36.6": Blanks(
        "Three reasons to come back. There is nobody else to buy from: (1) loyalty. It has always "
        "been so, and looking around is a bother: (2) loyalty. The customer believes in the firm "
        "and is fond of it: (3) loyalty.",
        ["monopoly", "inertia", "trust"],
        "Monopoly, inertia, trust. In the sales records all three look the same. The first two are "
        "fragile: they end when a rival opens next door, or when something disturbs the habit.",
        (
            "(1): the word for a market with a single seller.",
            "(2): what keeps a body moving as it did, in physics as in shopping.",
            "(3): what one has in somebody whom one believes.",
        ),
        (
            (
                ["inertia", "monopoly", ...],
                "The other way round: where one seller is alone, there is monopoly; where nobody "
                "bothers to look, inertia.",
            ),
            ([..., ..., "satisfaction"], "Near, but satisfaction is about one purchase."),
        ),
        term=("loyalty types", "忠诚类型"),
        also=(
            ("垄断忠诚", "垄断", "monopoly loyalty", "monopolistic", "forced", "captive"),
            (
                "惰性忠诚",
                "惰性",
                "惯性忠诚",
                "惯性",
                "习惯",
                "inertia loyalty",
                "inertial",
                "lazy",
                "habit",
                "habitual",
            ),
            (
                "信赖忠诚",
                "信赖",
                "信任",
                "信任忠诚",
                "情感忠诚",
                "情感",
                "trust loyalty",
                "trusting",
                "emotional",
                "emotion",
            ),
        ),
    ),
    "36.7": Blanks(
        "Time, effort, money, acquaintances and attachment: what a customer would lose by going "
        "to another supplier is, taken together, the (1).",
        ["switching cost"],
        "The switching cost, 转换成本. Where it is high it holds even a customer who is not quite "
        "satisfied. The article calls it 流失成本; in this course that is the cost of churn, the "
        "firm's loss (lesson 31).",
        ("(1): the cost of changing, borne by the customer.",),
        (
            ("acquisition cost", "That is what the firm pays to win a customer."),
            ("total cost", "That is what the customer gives for buying; this is for leaving."),
            ("churn cost", "That would be the firm's damage; here it is the customer who pays."),
        ),
        term=("loyalty drivers", "客户忠诚因素"),
        also=(
            (
                "转换成本",
                "流失成本",
                "switching costs",
                "cost of switching",
                "转移成本",
                "switching",
            ),
        ),
    ),
    "36.8": Blanks(
        "A CRM system that runs the day's work of sales and service is (1); one that looks for "
        "patterns in what was recorded is (2); one that joins departments and channels around the "
        "customer is (3).",
        ["operational", "analytical", "collaborative"],
        "Operational, analytical, collaborative. This course lives in the middle one.",
        (
            "(1): the word is made from 'to operate'.",
            "(2): the word is made from 'to analyse'.",
            "(3): the word is made from 'to work together', in Latin.",
        ),
        (
            (["collaborative", ..., ...], "Collaboration is between departments and channels."),
            ([..., "operational", ...], "Operations are the day's work; patterns need analysis."),
        ),
        term=("CRM types", "客户关系管理系统类型"),
        also=(
            ("运营型", "运营", "操作型", "操作", "operative", "operating", "operations"),
            ("分析型", "分析", "analytic", "analytics", "analysis", "analysing", "analyzing"),
            ("协作型", "协作", "协同型", "协同", "collaboration", "collaborating", "cooperative"),
        ),
    ),
    "36.9": Choice(
        "A customer complains. Put the four steps in order.",
        "cadb",
        "cadb: vent, record, propose, follow up. Who proposes before listening answers the wrong "
        "complaint; who never follows up does not learn whether it was solved.",
        ("An angry customer hears no proposals: what has to come first?",),
        (
            (
                "acdb",
                "Let them let off steam first: nobody gives a clear account while still angry.",
            ),
            ("cabd", "One can only follow up a solution that was proposed."),
            ("dcab", "You propose before you have listened."),
        ),
        term=("complaint handling", "投诉处理"),
        options=(
            "write down what happened, and read it back",
            "ask later whether it is solved",
            "let the customer speak until the anger is out",
            "propose a solution",
        ),
        ordered=True,
    ),
}
