"""When two spellings are one word: capitals, blanks, plurals, and traditional characters."""

from __future__ import annotations

import re
import unicodedata

_SIMPLE = str.maketrans(
    "潛戶標復複購買誠實顧維護構費頻頓數額貨幣關鍵貴賓員時間體壟斷賴慣習隸轉換運營協類係價從點單個",
    "潜户标复复购买诚实顾维护构费频顿数额货币关键贵宾员时间体垄断赖惯习隶转换运营协类系价从点单个",
)
_EMPTY = {"a", "an", "the", "customer", "client", "value", "crm"}


def letters(text: str) -> str:
    """Letters and digits alone, in lower case; full-width ones as their plain twins."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in plain if character.isalnum())


def bare_word(text: str) -> str:
    """A word without what does not tell it from others, so that "Key accounts" is "keyaccount".

    Notes
    -----
    Dropped are articles, a plural s, and the words customer (客户, 顾客), value and CRM, unless
    nothing would be left; traditional characters count as simplified ones.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_SIMPLE)
    words = re.findall(r"[^\W_]+", plain.replace("(s)", "").replace("顾客", "客户"))
    singular = [re.sub(r"(?<=[a-z]{2})(?<!s)s$", "", word) for word in words]
    telling = "".join(word for word in singular if word not in _EMPTY)
    return re.sub("的?客户", "", telling) or "".join(singular)
