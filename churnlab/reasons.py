"""Why customers leave: one taxonomy of reasons, and how the lists in use map onto it."""

from __future__ import annotations

import pandas as pd

__all__ = ["crosswalk", "taxonomy"]

# reason, english, chinese, family, controllable, voluntary; None: the words do not decide it
_REASONS: tuple[tuple[str, str, str, str, bool | None, bool | None], ...] = (
    ("dissatisfaction", "dissatisfied on the whole", "总体不满意", "firm", True, True),
    ("poor_service", "poor service or attitude", "服务差", "firm", True, True),
    ("poor_quality", "poor quality or workmanship", "质量差", "firm", True, True),
    ("unmet_need", "product falls short of the need", "产品不满足需求", "firm", True, True),
    ("high_price", "price too high", "价格高", "firm", True, True),
    ("waiting", "waiting too long", "等待时间长", "firm", True, True),
    ("distance", "too far away", "路途远", "firm", None, True),
    ("unresolved_complaint", "complaint not resolved", "投诉未解决", "firm", True, True),
    ("neglected_details", "details neglected", "细节疏忽", "firm", True, True),
    ("broken_promises", "promises broken", "不守承诺", "firm", True, True),
    ("bullying", "bullied by a strong supplier", "店大欺客", "firm", True, True),
    ("small_customers_neglected", "small customers neglected", "忽视小客户", "firm", True, True),
    ("no_contact", "long without contact", "长期缺乏联系", "firm", True, True),
    ("no_loyalty_benefit", "loyalty does not pay", "忠诚无利可图", "firm", True, True),
    ("weak_trust", "weak trust and attachment", "信任与情感不深", "firm", True, True),
    ("low_switching_cost", "switching costs little", "转换成本低", "firm", True, True),
    ("weak_influence", "little influence on the customer", "影响力不足", "firm", True, True),
    ("no_social_responsibility", "harm to society or environment", "缺乏社会责任", "firm", True, True),
    ("supplier_rep_left", "own salesperson left", "业务员离职", "firm", True, True),
    ("turbulence", "turmoil in firm or market", "企业或市场波动", "mixed", None, None),
    ("site_closure", "site closed", "网点停业", "firm", None, False),
    ("competitor_offer", "better offer of a competitor", "竞争对手的优惠", "competitor", True, True),
    ("competitor_bribery", "bribed by a competitor", "竞争对手行贿", "competitor", True, True),
    ("need_changed", "need or habit changed", "需求或习惯改变", "customer", False, True),
    ("habit", "used to another place", "习惯去别家", "customer", None, True),
    ("indifference", "better service does not matter", "对服务无所谓", "customer", False, True),
    ("variety_seeking", "looking for something new", "喜新厌旧", "customer", False, True),
    ("relocation", "moved away", "搬迁", "customer", False, False),
    ("customer_growth", "outgrew the supplier", "客户成长", "customer", False, True),
    ("customer_contraction", "customer cut its business", "客户收缩业务", "customer", False, True),
    ("customer_became_competitor", "became a competitor", "客户成为竞争者", "customer", False, True),
    ("customer_failure", "decline, accident or bankruptcy", "事故、衰退或破产", "customer", False, False),
    ("changed_trade", "changed trade", "客户转行", "customer", False, True),
    ("buyer_left", "customer's own buyer left", "采购负责人离职", "customer", False, True),
    ("payment_failure", "payment failed", "扣款失败", "customer", None, False),
    ("insurer_steering", "sent elsewhere by the insurer", "保险公司指定", "third_party", False, False),
    ("police_steering", "sent elsewhere by the police", "交警指定", "third_party", False, False),
    ("natural_loss", "lost in the course of things", "自然流失", "mixed", None, None),
    ("other", "another reason", "其他", "unknown", None, None),
    ("unknown", "not known", "未知", "unknown", None, None),
)  # fmt: skip

# list, article, code, its words, reasons; the articles' numbering where they number
_LISTS: tuple[tuple[str, str, int, str, str], ...] = (
    ("eight_reasons", "004", 1, "staff turnover", "supplier_rep_left"),
    ("eight_reasons", "004", 2, "competitor takes the customer", "competitor_offer"),
    ("eight_reasons", "004", 3, "market or enterprise turbulence", "turbulence"),
    ("eight_reasons", "004", 4, "neglect of detail", "neglected_details"),
    ("eight_reasons", "004", 5, "broken promises", "broken_promises"),
    ("eight_reasons", "004", 6, "bullying by a big supplier", "bullying"),
    ("eight_reasons", "004", 7, "unbalanced management", "small_customers_neglected"),
    ("eight_reasons", "004", 8, "natural loss", "natural_loss"),
    ("firm_side", "001", 1, "dissatisfaction", "dissatisfaction"),
    ("firm_side", "001", 2, "little benefit from loyalty", "no_loyalty_benefit"),
    ("firm_side", "001", 3, "weak trust and feeling", "weak_trust"),
    ("firm_side", "001", 4, "low switching cost", "low_switching_cost"),
    ("firm_side", "001", 5, "crude service and management", "poor_service"),
    ("firm_side", "001", 6, "late or poor handling of complaints", "unresolved_complaint"),
    ("firm_side", "001", 7, "weak influence on the customer", "weak_influence"),
    ("firm_side", "001", 8, "departing staff take customers", "supplier_rep_left"),
    ("firm_side", "001", 9, "harm to environment or society", "no_social_responsibility"),
    ("customer_side", "001", 1, "need or habit changed", "need_changed"),
    ("customer_side", "001", 2, "indifferent to better service", "indifference"),
    ("customer_side", "001", 3, "seeks variety", "variety_seeking"),
    ("customer_side", "001", 4, "relocation", "relocation"),
    ("customer_side", "001", 5, "growth", "customer_growth"),
    ("customer_side", "001", 6, "decline or bankruptcy", "customer_failure"),
    ("customer_side", "001", 7, "buyer or head of purchasing leaves", "buyer_left"),
    ("uncontrollable", "003", 1, "the account contracts", "customer_contraction"),
    ("uncontrollable", "003", 2, "the account moves upstream", "customer_became_competitor"),
    ("uncontrollable", "003", 3, "sudden accident or collapse", "customer_failure"),
    ("controllable", "003", 1, "attack by a competitor", "competitor_offer"),
    ("controllable", "003", 2, "product or service below the need", "unmet_need"),
    ("controllable", "003", 3, "complaints unresolved", "unresolved_complaint"),
    ("key_accounts", "003", 1, "bribery by a competitor", "competitor_bribery"),
    ("key_accounts", "003", 2, "product or service below the need", "unmet_need"),
    ("key_accounts", "003", 3, "problem not solved in time", "unresolved_complaint"),
    ("key_accounts", "003", 4, "no longer needs the product", "need_changed"),
    ("key_accounts", "003", 5, "becomes a competitor", "customer_became_competitor"),
    ("key_accounts", "003", 6, "competitor is cheaper or better", "competitor_offer"),
    ("workshop", "004", 1, "poor service", "poor_service"),
    ("workshop", "004", 2, "low repair skill", "poor_quality"),
    ("workshop", "004", 3, "high price", "high_price"),
    ("workshop", "004", 4, "long distance", "distance"),
    ("workshop", "004", 5, "accident car sent elsewhere by the insurer", "insurer_steering"),
    ("workshop", "004", 6, "accident car sent elsewhere by the police", "police_steering"),
    ("lost_customer_call", "004", 1, "poor service or attitude", "poor_service"),
    ("lost_customer_call", "004", 2, "poor repair quality", "poor_quality"),
    ("lost_customer_call", "004", 3, "high price", "high_price"),
    ("lost_customer_call", "004", 4, "distance", "distance"),
    ("lost_customer_call", "004", 5, "long waiting", "waiting"),
    ("lost_customer_call", "004", 6, "other", "other"),
    ("after_closure", "004", 1, "no price advantage", "high_price"),
    ("after_closure", "004", 2, "fixed habit of refuelling", "habit"),
)


def taxonomy() -> pd.DataFrame:
    """The reasons for leaving that churnlab knows, one row each, in English and Chinese.

    The trap: 'controllable' and 'voluntary' are two questions: a customer may leave by choice for
    a reason no firm controls, and may be lost without ever having chosen to go.

    Returns
    -------
    DataFrame
        ``reason`` (the id used in data), ``english, chinese, family`` (firm, customer, competitor,
        third_party, mixed, unknown), ``controllable`` (by the firm) and ``voluntary`` (chosen by
        the customer): True, False, or missing where the words do not decide it.

    Notes
    -----
    The articles call reasons on the customer's side hard to prevent, accounts that shrink, turn
    competitor or collapse uncontrollable, and competitors, products below the need and unresolved
    complaints controllable. The rest is churnlab's reading. 'natural loss' and 'turbulence' mix kinds.
    Five are in none of the lists: ``payment_failure`` (the field's involuntary churn),
    ``site_closure``, ``no_contact`` and ``changed_trade`` (two sides of natural loss), ``unknown``.

    Examples
    --------
    >>> table = taxonomy().set_index("reason")
    >>> table.loc["relocation", ["family", "english"]].tolist()
    ['customer', 'moved away']
    """
    names = ["reason", "english", "chinese", "family", "controllable", "voluntary"]
    frame = pd.DataFrame(_REASONS, columns=names)
    texts = dict.fromkeys(names[:4], "str")
    return frame.astype(texts | dict.fromkeys(names[4:], "boolean"))


def crosswalk() -> pd.DataFrame:
    """The articles' own lists of reasons, item by item, with the reason of the taxonomy.

    The trap: the lists overlap and do not add up; count in the taxonomy, not in two lists.

    Returns
    -------
    DataFrame
        ``scheme`` (which list), ``article``, ``code`` (place in the list), ``wording`` (of the
        list, in our words), ``reason``.

    Examples
    --------
    >>> codes = crosswalk().query("scheme == 'workshop'").set_index("code")["reason"]
    >>> pd.Series([3, 1, 4]).map(codes).tolist()
    ['high_price', 'poor_service', 'distance']
    """
    names = ["scheme", "article", "code", "wording", "reason"]
    texts = dict.fromkeys(["scheme", "article", "wording", "reason"], "str")
    return pd.DataFrame(_LISTS, columns=names).astype(texts)
