"""Texts of the report of a recommender: (English, 简体中文)."""

TEXTS: dict[str, tuple[str, str]] = {
    "recommend.kicker": ("Recommendation report", "推荐报告"),
    "recommend.title": ("{name}: what will customers take?", "{name}：客户会选择什么？"),
    "recommend.model": ("model: {model}", "模型：{model}"),
    "recommend.size": ("{users} customers, {items} products", "{users}位客户，{items}种产品"),
    "recommend.rows": ("{count} purchases", "{count}次购买"),
    "recommend.better": (
        "Its lists find more of what customers take than a list of what sells best.",
        "它的推荐列表比热销榜更能命中客户的选择。",
    ),
    "recommend.unsure": (
        "Whether its lists find more than a list of what sells best is not clear.",
        "它的推荐列表是否优于热销榜，尚不明确。",
    ),
    "recommend.worse": (
        "Its lists find less of what customers take than a list of what sells best.",
        "它的推荐列表不如热销榜。",
    ),
    "recommend.gain": (
        "NDCG of ten more than the list of what sells best, on the same customers; between {low} and {high} "
        "with 95% confidence, on purchases the model had never seen",
        "为同一批客户上十项列表的NDCG相比热销榜的提高；95%置信区间为{low}至{high}，以模型从未见过的购买测得",
    ),
    "recommend.hit": (
        "Of customers with a history, {hit} found something they took among ten; between {low} and {high}.",
        "在有购买记录的客户中，{hit}能在十项推荐中找到自己选择的产品；区间为{low}至{high}。",
    ),
    "recommend.baseline": ("baseline", "基线"),
    "recommend.kinds.title": ("For whom it works", "对谁有效"),
    "recommend.kinds.caption": (
        "Customers without a history are offered what sells best of late.",
        "没有购买记录的客户得到的是近期热销产品。",
    ),
    "recommend.who": ("customers", "客户"),
    "recommend.warm": ("with a history", "有购买记录"),
    "recommend.cold": ("without a history", "无购买记录"),
    "recommend.customers": ("{count} customers", "{count}位客户"),
    "recommend.candidates.caption": (
        "Customers with a history. The choice was made on an inner cut of what the models had seen; these "
        "figures only report. The chosen one is bold.",
        "仅含有购买记录的客户。选择依据的是模型已见数据的内部切分；此处数字仅供报告。被选中者以粗体显示。",
    ),
    "recommend.metric.ndcg": (
        "NDCG of {k}: how much of what was taken is found, and how high",
        "前{k}项NDCG：命中多少、排得多高",
    ),
    "recommend.metric.recall": ("Share of what was taken among the first {k}", "前{k}项的召回率"),
    "recommend.metric.hit": (
        "Customers who found something among the first {k}",
        "前{k}项有命中的客户占比",
    ),
    "recommend.metric.map": ("Mean average precision of the first {k}", "前{k}项的平均精度均值"),
    "recommend.metric.coverage": ("Products that any list of {k} shows", "前{k}项覆盖的产品占比"),
    "recommend.metric.novelty": (
        "Novelty of the first {k}: how few know them, in bits",
        "前{k}项的新颖度（比特）：知道的人越少越高",
    ),
    "recommend.metric.diversity": ("How unlike each other the first {k} are", "前{k}项彼此的差异度"),
    "recommend.metric.popular_share": (
        "Share of the best-selling fifth among the first {k}",
        "前{k}项中最热销五分之一产品的占比",
    ),
    "recommend.limits.cause": (
        "What a recommendation would change: it foresees what customers take anyway. A test with a holdout "
        "tells what it brings.",
        "推荐会改变什么：它预见的是客户本来就会选择的产品。只有带对照组的试验才能说明其作用。",
    ),
    "recommend.limits.shown": (
        "Whether somebody would have liked what they never saw: what was not taken counts as missed.",
        "客户是否会喜欢从未见过的产品：没有被选择的一律计为未命中。",
    ),
    "recommend.limits.future": (
        "How it does in the future: this cut lets the model see other customers’ later purchases.",
        "未来的表现：这种切分让模型看到了其他客户之后的购买。",
    ),
    "check.customers_with_history": (
        "Enough customers with a history to judge by",
        "有购买记录的客户足够多",
    ),
    "check.mostly_known_customers": ("Most customers are known", "多数客户有购买记录"),
    "check.better_than_best_sellers": ("Better than what sells best", "优于热销榜"),
    "check.better_than_decayed_popular": ("Better than what sells best of late", "优于近期热销榜"),
    "next.recommend.score": (
        "<b>Recommend to the customers of a log</b>: ten rows each.",
        "<b>为一份购买记录中的客户推荐</b>：每位客户十行。",
    ),
    "next.recommend.explain": (
        "<b>See why</b>: which purchases speak for each product.",
        "<b>查看原因</b>：哪些购买支持每一项推荐。",
    ),
}
