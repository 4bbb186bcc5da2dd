"""Notebook 36, part A: the words of customer retention, as gaps to fill."""

from __future__ import annotations

from collections.abc import Mapping

from churnlab.learn.exercise import Blanks, Choice, Exercise

WORDS: Mapping[str, Exercise] = {
    "36.1": Blanks(
        "Somebody with the need and the motive, who may buy but has not, is a (1) customer; one "
        "whom the firm has picked out to win is a (2) customer. Whoever buys is at first a "
        "first-time customer, later a (3) customer, at best a (4) customer. One who bought here "
        "once and now buys elsewhere is a (5) customer.",
        ["potential", "target", "repeat", "loyal", "lost"],
        "Two states before the first purchase, three with us, one after us. The words are simple; "
        "the dates at which a customer passes from one to the next need a rule.",
        (
            "Potential and target: which of the two has the firm chosen?",
            "In order: may buy, chosen, buys again, attached, gone.",
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
            ("潜在客户", "潜在", "potential customer", "prospective", "prospect"),
            ("目标客户", "目标", "target customer", "targeted"),
            ("重复购买客户", "重复购买", "重复", "repeat customer", "returning", "repeating"),
            ("忠诚客户", "忠诚", "loyal customer"),
            ("流失客户", "流失", "lost customer", "churned", "former"),
        ),
    ),
    "36.2": Blanks(
        "Where there is no relation with a customer the firm has to (1) one. Where there is one it "
        "has to (2) it. Where it has broken it has to (3) it.",
        ["build", "maintain", "repair"],
        "Build, maintain, repair: three phases with three different tasks, and three different "
        "groups of customers to count.",
        ("Three verbs: one for the beginning, one for the long middle, one for the break.",),
        (
            ([..., "build", ...], "Building is over once there is a relation: now it must last."),
            ([..., ..., "maintain"], "What is broken can no longer be maintained."),
        ),
        term=("relationship phases", "客户关系阶段"),
        also=(
            ("建立", "establish", "create", "start"),
            ("维护", "keep", "preserve", "维持", "保持"),
            ("恢复", "restore", "修补", "修复", "mend", "挽救"),
        ),
    ),
    "36.3": Blanks(
        "Three numbers from the till sum up a customer: the time since the last purchase, or (1); "
        "how often the customer buys, or (2); and how much is spent, the (3) value.",
        ["recency", "frequency", "monetary"],
        "Recency, frequency, monetary value: RFM. Small is good for the first, large for the other "
        "two.",
        ("Their first letters are R, F and M.",),
        (
            (["frequency", ..., ...], "Frequency counts purchases; the first asks how long ago."),
            (
                ["tenure", ..., ...],
                "Tenure runs from the first purchase; this one from the last.",
            ),
        ),
        term=("RFM", "最近一次消费、消费频率、消费金额"),
        also=(
            ("最近一次消费", "近度", "R", "last purchase"),
            ("消费频率", "频率", "频度", "F"),
            ("消费金额", "金额", "M", "amount", "money"),
        ),
    ),
    "36.4": Blanks(
        "Sorted by what they bring, customers form a pyramid. At the top stand the few (1) "
        "customers, who may be parted into important and secondary ones; in the middle the (2) "
        "customers; at the broad base the (3) customers.",
        ["key", "ordinary", "small"],
        "Key, ordinary, small. The article names the layers and no cut-offs: where one ends and "
        "the next begins is for you to state.",
        ("The top layer is named as in 'key account'.",),
        (
            (["important", ..., ...], "Important customers are only the upper half of the top."),
            (["loyal", ..., ...], "The pyramid sorts by value; a loyal customer may bring little."),
        ),
        term=("customer pyramid", "客户金字塔"),
        also=(
            ("关键客户", "关键", "key customer", "key account", "top"),
            ("普通客户", "普通", "ordinary customer", "general", "average", "middle"),
            ("小客户", "小", "small customer", "minor"),
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
            "Two gains remain: the people, and the name. Two costs: of the clock, and of the body.",
            "Personnel, image, time, physical.",
        ),
        (
            ([..., ..., "price", ...], "The price is the money, which is named already."),
            ([..., ..., "image", ...], "Image is a gain; the third gap is a cost."),
        ),
        term=("perceived value", "客户感知价值"),
        also=(
            ("人员", "人员价值", "people", "staff", "employees", "persons"),
            ("形象", "形象价值", "brand", "reputation", "name"),
            ("时间", "时间成本", "time cost"),
            ("体力", "体力成本", "bodily", "physical cost"),
        ),
    ),
    "36.6": Blanks(
        "Three reasons to come back. There is nobody else to buy from: (1) loyalty. It has always "
        "been so, and looking around is a bother: (2) loyalty. The customer believes in the firm "
        "and is fond of it: (3) loyalty.",
        ["monopoly", "inertia", "trust"],
        "In the till all three look the same. The first two are fragile: they end when a rival "
        "opens next door, or when something disturbs the habit.",
        ("No choice, no effort, no doubt.",),
        (
            (["inertia", "monopoly", ...], "The other way round: where one seller is alone, …"),
            ([..., ..., "satisfaction"], "Near, but satisfaction is about one purchase."),
        ),
        term=("loyalty types", "忠诚类型"),
        also=(
            ("垄断忠诚", "垄断", "monopoly loyalty", "monopolistic", "forced"),
            ("惰性忠诚", "惰性", "inertia loyalty", "habit", "inertial", "lazy"),
            ("信赖忠诚", "信赖", "trust loyalty", "信任", "trusting"),
        ),
    ),
    "36.7": Blanks(
        "Time, effort, money, acquaintances and attachment: what a customer would lose by going "
        "to another supplier is, taken together, the (1).",
        ["switching cost"],
        "High switching costs hold even a customer who is not quite satisfied. The article calls "
        "them 流失成本, literally costs of loss; the usual term is 转换成本.",
        ("It is the cost of changing, borne by the customer.",),
        (
            ("acquisition cost", "That is what the firm pays to win a customer."),
            ("total cost", "That is what the customer gives for buying; this is for leaving."),
            ("churn cost", "That would be the firm's damage; here it is the customer who pays."),
        ),
        term=("loyalty drivers", "客户忠诚因素"),
        also=(("转换成本", "流失成本", "switching costs", "cost of switching", "转移成本"),),
    ),
    "36.8": Blanks(
        "A CRM system that runs the day's work of sales and service is (1); one that looks for "
        "patterns in what was recorded is (2); one that joins departments and channels around the "
        "customer is (3).",
        ["operational", "analytical", "collaborative"],
        "Operational, analytical, collaborative. This course lives in the middle one.",
        ("Operating, analysing, working together.",),
        (
            (["collaborative", ..., ...], "Collaboration is between departments and channels."),
            ([..., "operational", ...], "Operations are the day's work; patterns need analysis."),
        ),
        term=("CRM types", "客户关系管理系统类型"),
        also=(
            ("运营型", "运营", "operative", "操作型"),
            ("分析型", "分析", "analytic"),
            ("协作型", "协作", "collaboration", "cooperative"),
        ),
    ),
    "36.9": Choice(
        "A customer complains. Put the four steps in order.",
        "cadb",
        "Vent, record, propose, follow up. Who proposes before listening answers the wrong "
        "complaint; who never follows up does not learn whether it was solved.",
        ("An angry customer hears no proposals: what has to come first?",),
        (
            ("acdb", "First let the steam off: nobody gives a clear account while still angry."),
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
