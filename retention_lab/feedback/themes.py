"""What messages are about, by the words that speak of it; themes are named like the reasons of leaving."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from retention_lab.arrays import Ints

OTHER = "other"

# A star ends a word's beginning: `deliver*` is delivery, delivered, delivering.
DEFAULT_THEMES: Mapping[str, tuple[str, ...]] = {
    "product": (
        "quality", "broke", "broken", "material*", "size*", "colour*", "color*", "worn", "defect*", "photo*",
        "fabric", "taste*", "fresh", "described", "packed", "packag*", "fit", "fits",
        "质量", "材质", "尺码", "颜色", "坏了", "破损", "味道", "好吃", "难吃", "不新鲜", "分量", "口感",
        "包装", "照片", "图片", "描述",
    ),
    "service": (
        "service", "deliver*", "parcel*", "courier", "late", "hotline", "support", "staff", "refund*",
        "return", "returned", "waiting", "waited", "answer*", "reply", "replied", "apologis*", "rude",
        "friendly",
        "服务", "快递", "物流", "送货", "配送", "送餐", "送到", "发货", "客服", "态度", "退货", "退款",
        "回复", "道歉", "太慢", "等了",
    ),
    "price": (
        "price*", "pricey", "expensive", "cost", "costs", "paid", "overpriced", "discount*", "budget",
        "fortune", "voucher*", "coupon*",
        "价格", "这个价", "太贵", "买贵", "涨价", "优惠", "运费", "打折", "预算", "便宜", "性价比",
    ),
    "competition": (
        "competitor*", "elsewhere", "another shop", "other shop*", "others do", "switched", "comparing shops",
        "别家", "另一家", "别处", "换了另", "竞争对手",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Themes:
    """names: (k,) in order; words: of each, lower case, a star at the end for a word's beginning."""

    names: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]

    def place(self, text: str) -> int:
        """Which theme's words a cleaned text has most often; -1 where it has none, or as many of another.

        >>> themes_of(DEFAULT_THEMES).place("the parcel came late")
        1
        """
        hits = [len(pattern.findall(text)) for pattern in self._patterns]
        most = max(hits, default=0)
        return hits.index(most) if most and hits.count(most) == 1 else -1

    def places(self, texts: Sequence[str]) -> Ints:
        """(n,) of each text."""
        return np.array([self.place(text) for text in texts], dtype=np.int64)

    def as_json(self) -> dict[str, list[str]]:
        """Names and words, for a model's files."""
        return dict(zip(self.names, map(list, self.words), strict=True))

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile("|".join(map(_pattern, words)) or r"(?!)") for words in self.words)


def themes_of(words: Mapping[str, Sequence[str]]) -> Themes:
    """Themes from names and their words."""
    lower = tuple(tuple(word.lower() for word in some) for some in words.values())
    return Themes(tuple(words), lower)


def _pattern(word: str) -> str:
    plain = re.escape(word.removesuffix("*"))
    if not word.isascii():
        return plain  # no spaces tell where a Chinese word begins
    ending = "[a-z]{0,20}" if word.endswith("*") else ""
    return rf"(?<![a-z]){plain}{ending}(?![a-z])"
