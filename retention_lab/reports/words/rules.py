"""Texts of the page of basket rules: (English, 简体中文)."""

TEXTS: dict[str, tuple[str, str]] = {
    "rules.title": ("Rules: {name}", "购物篮规则：{name}"),
    "rules.kicker": ("What is bought together", "一起购买的商品"),
    "rules.version": ("version {version}", "版本{version}"),
    "rules.baskets": ("{count} baskets", "{count}个购物篮"),
    "rules.items": ("{count} items", "{count}种商品"),
    "rules.verdict": (
        "Rules of what is bought together. Of {looked_up} looked up in other baskets, {confirmed} hold.",
        "一起购买的规则。在其他购物篮中查验的{looked_up}条里，{confirmed}条成立。",
    ),
    "rules.verdict.unchecked": (
        "Rules of what is bought together, none of which could be looked up in other baskets.",
        "一起购买的规则，但都无法在其他购物篮中查验。",
    ),
    "rules.verdict.none": (
        "Nothing is bought together often and surely enough.",
        "没有足够常见且足够可靠的搭配。",
    ),
    "rules.range": (
        "{significant} beyond chance at a false discovery rate of 5%; in other baskets the lift is "
        "{low} to {high} of what was found",
        "错误发现率5%下有{significant}条超出偶然；在其他购物篮中，提升度为所得值的{low}至{high}",
    ),
    "rules.range.unchecked": (
        "{significant} beyond chance at a false discovery rate of 5%",
        "错误发现率5%下有{significant}条超出偶然",
    ),
    "rules.range.none": ("lower the support or the confidence", "请降低支持度或置信度"),
    "rules.trust.yes": ("they hold elsewhere", "在别处也成立"),
    "rules.trust.care": ("with care", "谨慎使用"),
    "rules.list.title": ("What goes with what?", "哪些商品常在一起？"),
    "rules.list.caption": (
        "By lift: how many times as often both come together as by chance. Confidence: of the baskets with "
        "the left side, the share with the right one too. Rules of very few baskets are not shown.",
        "按提升度排序：两边一起出现的次数是偶然情况的几倍。置信度：含左边商品的购物篮中，也含右边商品的比例。"
        "购物篮太少的规则不显示。",
    ),
    "rules.rule": ("rule", "规则"),
    "rules.rests": ("in {count} baskets", "见于{count}个购物篮"),
    "rules.confidence": ("confidence", "置信度"),
    "rules.lift": ("lift", "提升度"),
    "rules.lift.held_out": ("lift elsewhere", "别处提升度"),
    "rules.held.title": ("Do they hold in other baskets?", "在其他购物篮中成立吗？"),
    "rules.held.caption": (
        "Each rule was found without these baskets. At 1, both sides have nothing to do with each other.",
        "每条规则都不是从这些购物篮得出的。等于1时，两边互不相关。",
    ),
    "rules.found_with": ("found with {lift}", "得出时为{lift}"),
    "rules.interval": ("95% interval", "95%区间"),
    "rules.tried.title": ("Which suggestions find what is missing?", "哪种建议能找回缺少的商品？"),
    "rules.tried.caption": (
        "One item of each held-out basket was hidden: the share of baskets for which it was suggested.",
        "每个留出的购物篮隐去一件商品：建议中含有它的购物篮比例。",
    ),
    "rules.tried": ("suggested by", "建议方式"),
    "rules.found": ("found", "找回"),
    "rules.ranking.confidence": ("the surest rule", "最可靠的规则"),
    "rules.ranking.lift": ("the strongest lift", "提升度最高的规则"),
    "rules.ranking.popular": ("what sells best", "最畅销商品"),
    "rules.comma": (", ", "、"),
    "check.rules_found": ("Rules were found", "找到了规则"),
    "check.rules_hold_elsewhere": ("Rules hold in other baskets", "规则在其他购物篮中成立"),
    "check.rules_of_enough_baskets": ("Every rule rests on enough baskets", "每条规则的购物篮足够多"),
    "check.suggestions_better_than_best_sellers": ("Suggestions beat the best sellers", "建议优于最畅销商品"),
    "next.rules.score": ("Suggest what to add to baskets", "为购物篮建议可加购的商品"),
    "next.rules.evaluate": ("Look the rules up in new baskets", "在新的购物篮中查验规则"),
    "next.rules.train": ("Look for rarer rules", "寻找更少见的规则"),
}
