"""Texts of the page of segments: (English, 简体中文)."""

TEXTS: dict[str, tuple[str, str]] = {
    "segments.title": ("Segments: {name}", "分群：{name}"),
    "segments.kicker": ("Segments", "客户分群"),
    "segments.version": ("version {version}", "版本{version}"),
    "segments.method.kmeans": ("K-means", "K均值"),
    "segments.method.ward": ("Ward’s hierarchy", "Ward层次聚类"),
    "segments.method.rfm": ("RFM cells", "RFM群组"),
    "segments.left_out": ("{count} in no segment", "{count}位不属于任何分群"),
    "segments.verdict": (
        "{groups} groups of customers that other samples would show too.",
        "{groups}个客户分群，换一批样本也会出现。",
    ),
    "segments.verdict.unsure": (
        "{groups} groups, but other samples of these customers would show others: a sketch, no fact.",
        "{groups}个分群，但换一批样本会得到不同结果：只可作草图，不是事实。",
    ),
    "segments.range": (
        "adjusted Rand index over resamples, the middle 95% {low} to {high}; 1 is the same groups every time",
        "重抽样的调整兰德指数，中间95%为{low}至{high}；1表示每次分群都相同",
    ),
    "segments.trust.yes": ("stable", "稳定"),
    "segments.trust.care": ("with care", "谨慎使用"),
    "segments.list.title": ("Which groups are there?", "有哪些分群？"),
    "segments.segment": ("segment", "分群"),
    "segments.high": ("high {feature}", "{feature}高"),
    "segments.low": ("low {feature}", "{feature}低"),
    "segments.level": ("{feature} {level}", "{feature}为{level}"),
    "segments.comma": (", ", "，"),
    "segments.map.title": ("How far apart do they lie?", "各分群相距多远？"),
    "segments.axis.first": ("first axis", "第一轴"),
    "segments.axis.second": ("second axis", "第二轴"),
    "segments.map.caption": (
        "Each small dot is a customer, each large one the centre of a segment, numbered as above, on the "
        "two axes along which "
        "customers differ most. Segments that overlap here may differ on a further axis.",
        "小点为客户，大点为分群中心（编号同上表）；两轴为客户差异最大的方向。在此重叠的分群可能在其他方向上不同。",
    ),
    "segments.tried.title": ("How many groups do the data carry?", "数据支持多少个分群？"),
    "segments.tried": ("number of groups", "分群数"),
    "segments.groups": ("{count} groups", "{count}个分群"),
    "segments.index": ("found again", "重现程度"),
    "segments.middle": ("middle 95% of resamples", "重抽样的中间95%"),
    "segments.silhouette": ("silhouette {value}", "轮廓系数{value}"),
    "segments.tried.caption": (
        "Groups are refitted on resamples of the customers; the index says how far everybody stays with the "
        "same others. Of the numbers that reach 0.8 the most groups are taken whose silhouette is within "
        "0.02 of the best.",
        "在客户的重抽样上重新分群；指数表示客户与原来的同伴仍在一起的程度。在达到0.8且轮廓系数与最高者相差不超过0.02的分群数中取最大者。",
    ),
    "segments.weights.title": ("What LASSO kept for the target", "LASSO为目标保留的特征"),
    "segments.feature": ("feature", "特征"),
    "segments.weight": ("weight (standard deviations)", "权重（标准差）"),
    "next.segments.moves": (
        "<b>See who moved</b> between two dates.",
        "<b>查看两个日期之间谁改变了分群</b>。",
    ),
    "next.segments.loyalty": ("<b>Compare how loyal they are</b>.", "<b>比较各分群的忠诚度</b>。"),
    "next.segments.score": ("<b>Put new customers into them</b>.", "<b>为新客户分群</b>。"),
}
