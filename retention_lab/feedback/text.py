"""A message as it is read: in one spelling, without what names a person, and in which language."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Literal

Language = Literal["en", "zh", "other"]

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN = re.compile(f"[{HAN}]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_KANA_OR_HANGUL = re.compile("[\u3040-\u30ff\uac00-\ud7af]")
# Every repetition is bounded, so that no text, however long, takes more than linear time.
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")
_WEB = re.compile(r"(?:https?://|www\.)\S{1,2000}", re.IGNORECASE)
_NUMBER = re.compile(r"[A-Za-z]{0,10}\d[\w-]{0,40}", re.ASCII)  # phones, orders, cards: no number is a word
_ADDRESSED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Dear|Hi|Hello|[Rr]egards|[Nn]ame is|I am|I'm)\b[.,]?\s{1,3}"
    r"(?:[A-Z][\w'’-]{1,30}(?:\s[A-Z][\w'’-]{1,30}){0,2})"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏"
    "程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚"
    "邵万钱严覃武戚莫孔向汤"
)
_TITLED = re.compile(f"[{_SURNAMES}][{HAN}]{{0,2}}(?:先生|女士|小姐|师傅|经理|老师)")
_INSIDE = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]{1,30}")  # capitalised though no sentence begins there
_WORD = re.compile(r"[A-Za-z]{2,31}")


def cleaned(text: str) -> str:
    """One spelling (NFKC, lower case), without addresses, numbers, and persons who are addressed.

    >>> cleaned("Dear Anna Berg, mail me: a.b@example.com or +49 30 1234. ＧＯＯＤ！")
    ', mail me: or + . good!'
    """
    text = unicodedata.normalize("NFKC", text)
    for pattern in (_MAIL, _WEB, _ADDRESSED, _TITLED, _NUMBER):
        text = pattern.sub(" ", text)
    return " ".join(text.lower().split())


def language_of(text: str) -> Language:
    """zh where it is mostly Han, en where it is mostly Latin letters (whatever they spell), else other.

    >>> language_of("很好 ok"), language_of("very good"), language_of("очень хорошо"), language_of("👍")
    ('zh', 'en', 'other', 'other')
    """
    han, latin = len(_HAN.findall(text)), len(_LATIN.findall(text))
    letters = sum(map(str.isalpha, text))
    if len(_KANA_OR_HANGUL.findall(text)) > 0.1 * letters or 2 * (2 * han + latin) < letters:
        return "other"
    if han == latin == 0:
        return "other"
    return "zh" if 2 * han >= latin else "en"  # a Han character says about as much as two Latin letters


def name_like(texts: Iterable[str]) -> frozenset[str]:
    """Words, in lower case, that stand capitalised inside sentences more often than not: mostly names.

    >>> sorted(name_like(["The parcel for Anna is late", "Ask Anna. Late again", "the parcel"]))
    ['anna']
    """
    inside: Counter[str] = Counter()
    plain: Counter[str] = Counter()
    for text in texts:
        inside.update(word.lower() for word in _INSIDE.findall(text))
        plain.update(word for word in _WORD.findall(text) if word.islower())
    return frozenset(word for word, count in inside.items() if count > plain[word])
