"""Texts of the report of a value model: (English, 简体中文)."""

TEXTS: dict[str, tuple[str, str]] = {
    "clv.kicker": ("Customer value report", "客户价值报告"),
    "clv.title": ("{name}: what will customers buy?", "{name}：客户将购买多少？"),
    "clv.model": ("model: {model}", "模型：{model}"),
    "clv.customers": ("{count} customers", "{count}位客户"),
    "clv.saw": ("learned from purchases until {day}", "学习截至{day}的购买"),
    "clv.judged": ("tested on those until {day}", "以截至{day}的购买检验"),
    "clv.better": (
        "Its forecasts miss by less than if every customer went on as before.",
        "它的预测误差小于“每位客户照旧购买”的假设。",
    ),
    "clv.unsure": (
        "Whether its forecasts beat the plain rate of each customer is not clear.",
        "它的预测是否优于每位客户自己的购买频率，尚不明确。",
    ),
    "clv.worse": (
        "Its forecasts miss by more than if every customer went on as before.",
        "它的预测误差大于“每位客户照旧购买”的假设。",
    ),
    "clv.gain": (
        "purchases per customer less error than everybody’s own rate; between {low} and {high} with 95% "
        "confidence, on purchases the model had never seen",
        "为相比每位客户自己的频率，每位客户减少的误差（购买次数）；95%置信区间为{low}至{high}，"
        "以模型从未见过的购买测得",
    ),
    "clv.total": (
        "It expected {expected} purchases, and {made} were made: {bias}, between {low} and {high}.",
        "它预测{expected}次购买，实际为{made}次：{bias}，区间为{low}至{high}。",
    ),
    "clv.value": (
        "Customers are worth {value} over the next {days} days, discounted at {rate} a year.",
        "未来{days}天客户价值合计{value}，年折现率{rate}。",
    ),
    "clv.baseline": ("baseline", "基线"),
    "clv.made": ("made", "实际"),
    "clv.expected": ("expected", "预测"),
    "clv.period": ("until", "截至"),
    "clv.course.title": ("Repeat purchases, as made and as expected", "复购：实际与预测"),
    "clv.course.caption": (
        "Up to the dashed line ({day}) the model has seen what was made; beyond it is the forecast.",
        "虚线（{day}）之前的购买模型已见过，之后为预测。",
    ),
    "clv.based_on": (
        "Shown for {model}, on which the chosen model builds.",
        "图中为所选模型的基础：{model}。",
    ),
    "clv.groups.title": ("Does it promise what happens", "预测与实际相符吗"),
    "clv.groups.caption": (
        "Customers from the lowest forecasts to the highest, in tenths; purchases per customer. Whiskers "
        "that reach the dashed line agree with the forecast.",
        "客户按预测从低到高分为十组，每位客户的购买次数。误差线触及虚线即为相符。",
    ),
    "clv.group": ("tenth", "分组"),
    "clv.group.customers": ("customers", "客户数"),
    "clv.alive.title": ("Who is still a customer", "谁仍是客户"),
    "clv.alive.across": ("repeat purchases", "复购次数"),
    "clv.alive.up": ("days since the last purchase", "距上次购买的天数"),
    "clv.alive.caption": (
        "The more often somebody bought, the sooner a pause means that he has left. Cells without a figure "
        "have no such customers.",
        "购买越频繁，停顿越可能意味着流失。没有数字的格子不存在这样的客户。",
    ),
    "clv.candidates.caption": (
        "The choice was made on earlier cuts of what the models had seen; these figures only report. The "
        "chosen one is bold.",
        "选择依据的是模型已见数据中更早的切分；此处数字仅供报告。被选中者以粗体显示。",
    ),
    "clv.metric.mae": ("Absolute error, purchases per customer", "绝对误差（每位客户的购买次数）"),
    "clv.metric.mae_gain": (
        "Absolute error saved, against everybody’s own rate",
        "相比各自频率减少的绝对误差",
    ),
    "clv.metric.bias": ("Purchases expected over those made, less 100%", "预测总数与实际总数之比减100%"),
    "clv.metric.gini": ("Gini: how well it orders customers", "基尼系数：排序能力"),
    "clv.metric.mae_balanced": (
        "Absolute error of forecasts at one level of chance",
        "按同一概率水平预测的绝对误差",
    ),
    "clv.metric.covered": ("Customers within their 95% interval", "落在95%区间内的客户占比"),
    "clv.metric.value_mae": ("Absolute error of money per customer", "每位客户金额的绝对误差"),
    "clv.metric.value_bias": ("Money expected over that spent, less 100%", "预测金额与实际金额之比减100%"),
    "clv.limits.person": (
        "What any one person will buy: most buy nothing in a given time, a few a lot. Sums over customers "
        "are what it tells well.",
        "任何个人会买什么：在一段时间里多数人不买，少数人买很多。它擅长的是群体合计。",
    ),
    "clv.limits.cause": (
        "What an offer would change. A valuable customer may buy anyway; an uplift model tells the "
        "difference.",
        "优惠会改变什么。高价值客户可能本来就会购买；增益模型才能区分。",
    ),
    "clv.limits.same": (
        "Seasons, prices and campaigns to come: it takes the future to be like the time it has seen.",
        "未来的季节、价格和活动：它假设未来与所见时期相同。",
    ),
    "clv.limits.horizon": (
        "How right it is beyond {days} days, which is how far it was tested; it values customers over "
        "{horizon}.",
        "{days}天之后有多准：检验只到这里，而估值期为{horizon}天。",
    ),
    "clv.limits.value": (
        "Whether spending depends on how often somebody buys: number and value of purchases are taken apart.",
        "消费额是否取决于购买频率：购买次数与金额被分开看待。",
    ),
    "check.enough_customers": ("Enough customers for chances and intervals", "客户足够多，概率与区间可靠"),
    "check.repeat_buyers": ("Enough customers bought again", "复购客户足够多"),
    "check.total_close": ("The forecast total came out", "预测总数与实际相符"),
    "check.horizon_seen": ("Valued no further than can be seen", "估值期未超出可见范围"),
    "check.spending_independent": ("Number and value of purchases are unrelated", "购买次数与金额无关"),
    "check.parameters_inside": ("No parameter ran away", "没有参数发散"),
    "check.candidates_fitted": ("Every candidate was fitted", "全部候选模型均已拟合"),
    "check.better_than_same_rate": ("Better than everybody’s own rate", "优于每位客户自己的频率"),
    "check.better_than_champion": ("Better than the champion", "优于当前模型"),
    "check.no_worse_than_champion": ("No worse than the champion", "不劣于当前模型"),
    "next.clv.score": (
        "<b>Value the customers of a log</b>: one row each.",
        "<b>为一份交易记录中的客户估值</b>：每位客户一行。",
    ),
}
