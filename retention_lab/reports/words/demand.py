"""Texts of the report of a forecast: (English, 简体中文)."""

TEXTS: dict[str, tuple[str, str]] = {
    "demand.kicker": ("Demand report", "需求预测报告"),
    "demand.title": ("{name}: what will be sold?", "{name}：将会卖出多少？"),
    "demand.model": ("model: {model}", "模型：{model}"),
    "demand.series": ("{count} series", "{count}个序列"),
    "demand.saw": ("learned from sales before {day}", "学习{day}之前的销售"),
    "demand.judged": ("tested on those before {day}", "以其后至{day}之前的销售检验"),
    "demand.better": (
        "It errs less than saying “the same as last season”.",
        "它的误差小于“与上一季相同”的说法。",
    ),
    "demand.unsure": (
        "Whether it is better than saying “the same as last season” is not clear.",
        "它是否优于“与上一季相同”的说法，尚不明确。",
    ),
    "demand.worse": (
        "It errs more than saying “the same as last season”.",
        "它的误差大于“与上一季相同”的说法。",
    ),
    "demand.gain": (
        "of that error saved; between {low} and {high} with 95% confidence, on periods the model had "
        "never seen",
        "为减少的误差比例；95%置信区间为{low}至{high}，以模型从未见过的时期测得",
    ),
    "demand.covered": (
        "{covered} of the values lay within their 95% interval (between {low} and {high}).",
        "{covered}的实际值落在95%区间内（区间为{low}至{high}）。",
    ),
    "demand.baseline": ("baseline", "基线"),
    "demand.sold": ("sold", "已售"),
    "demand.expected": ("expected", "预测"),
    "demand.without": ("without campaigns", "无活动时"),
    "demand.period": ("from", "起始日"),
    "demand.total.title": ("What all series will sell together", "全部序列合计将卖出多少"),
    "demand.total.caption": (
        "The band is meant to hold what is sold in 95 of 100 such periods. It is as wide as the sum was off "
        "on the periods that judged.",
        "按设计，100个这样的时期中有95个的销售落在带内。带宽取决于检验期内合计的误差。",
    ),
    "demand.largest.title": ("The series that sell most", "销售最多的序列"),
    "demand.campaign.title": ("What campaigns do to it", "活动对预测的影响"),
    "demand.campaign.ahead": (
        "From {day} on, “{model}” expects {with_campaign} with the campaigns that run then, and {without} "
        "if none ran: {difference}.",
        "自{day}起，“{model}”预测在已安排的活动下卖出{with_campaign}，没有活动则为{without}，"
        "相差{difference}。",
    ),
    "demand.campaign.back": (
        "No campaign is planned ahead. Looking back from {day}, “{model}” would have expected "
        "{with_campaign} with the campaigns that ran, and {without} without: {difference}.",
        "今后没有已安排的活动。回看自{day}起，“{model}”在当时的活动下会预测{with_campaign}，"
        "没有活动则为{without}，相差{difference}。",
    ),
    "demand.campaign.together": (
        "That is what sold together with campaigns before. They may have been sent when more is sold anyway, "
        "so it is not what they cause.",
        "这只是过去与活动同时出现的销售。活动可能恰好安排在旺季，因此这并不是活动带来的效果。",
    ),
    "demand.campaign.caused": (
        "What a contact causes is measured by customers held out at random: {value} within {days} days, "
        "between {low} and {high}, over {count} contacts.",
        "一次触达带来的效果由随机保留的客户测得：{days}天内为{value}，区间为{low}至{high}，共{count}次触达。",
    ),
    "demand.candidates.caption": (
        "Errors are in units of the usual change from season to season (MASE). The choice was made on "
        "earlier periods; these figures only report. The chosen one is bold.",
        "误差以季与季之间的通常变动为单位（MASE）。选择依据的是更早的时期；此处数字仅供报告。"
        "被选中者以粗体显示。",
    ),
    "demand.metric.mase": ("Scaled error (MASE); 1 is the usual change", "标准化误差（MASE），1为通常变动"),
    "demand.metric.mase_gain": (
        "Scaled error saved, against the same as last season",
        "相比“与上一季相同”减少的标准化误差",
    ),
    "demand.metric.wape": ("Absolute errors over what was sold", "绝对误差占销售的比例"),
    "demand.metric.bias": ("Forecast total over the actual, less 100%", "预测总数与实际总数之比减100%"),
    "demand.metric.covered": ("Values within their 95% interval", "落在95%区间内的实际值占比"),
    "demand.limits.same": (
        "Prices, competitors and events to come: it takes the future to be like the time it has seen.",
        "未来的价格、竞争对手和事件：它假设未来与所见时期相同。",
    ),
    "demand.limits.cause": (
        "What another campaign would bring. Only customers held out at random tell that.",
        "另一场活动会带来什么。只有随机保留的客户才能说明。",
    ),
    "demand.limits.stock": (
        "What could have been sold: where something was out of stock, it has seen the sales, not the wish.",
        "本可以卖出多少：缺货时它看到的是销量，而不是需求。",
    ),
    "check.better_than_last_season": ("Better than the same as last season", "优于“与上一季相同”"),
    "check.season_seen": ("A whole season was seen", "已见过完整的一季"),
    "check.intervals_hold": ("The intervals held", "区间可靠"),
    "check.forecast_total_close": ("The forecast total came out", "预测总数与实际相符"),
    "check.all_series_forecast": ("Every series is forecast", "全部序列均有预测"),
    "check.planned_in_reach": ("Planned campaigns lie ahead", "计划的活动在预测期内"),
    "next.demand.score": (
        "<b>Forecast from a newer log</b>: one row for each series and period.",
        "<b>以更新的记录预测</b>：每个序列、每期一行。",
    ),
}
