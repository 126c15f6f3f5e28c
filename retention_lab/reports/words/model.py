"""Texts of the model report: (English, 简体中文)."""

TEXTS: dict[str, tuple[str, str]] = {
    "model.kicker": ("Model report", "模型报告"),
    "model.title": ("{name}: is it worth using?", "{name}：值得使用吗？"),
    "model.version": ("version {version}", "版本 {version}"),
    "model.outcome": ("learns: {outcome}", "学习目标：{outcome}"),
    "model.outcome.days": ("learns: {outcome} within {days} days", "学习目标：{days}天内的{outcome}"),
    "model.trained": ("trained on {count} customers", "以{count}位客户训练"),
    "model.held_out": ("tested on {count} others", "以另外{count}位客户检验"),
    "model.better": (
        "Choosing with this model is better than treating everyone alike.",
        "用这个模型选择，比一视同仁更好。",
    ),
    "model.better.budget": (
        "Under a budget, choosing with this model is better than the same spend at random.",
        "在预算有限时，用这个模型选择，比同样花费随机发放更好。",
    ),
    "model.none_better": (
        "No model was better than treating everyone alike.",
        "没有模型比一视同仁更好。",
    ),
    "model.unjudged": (
        "Whether this model is better than treating everyone alike could not be judged.",
        "无法判断这个模型是否比一视同仁更好。",
    ),
    "model.doubt.why": (
        "A check of the data failed, so no figure below can be used, and no model was registered.",
        "数据检查未通过：下面的数字均不可使用，也未登记任何模型。",
    ),
    "model.none_better.why": (
        "The simplest rule is used instead: one choice for all. That is an honest answer, not a fault: "
        "customers may differ little in how they respond, or the experiment may be too small to see it.",
        "因此采用最简单的规则：对所有人一视同仁。这是如实的回答，并非故障："
        "客户的反应可能差别很小，或者实验规模不足以看出差别。",
    ),
    "model.gain": (
        "{outcome} per customer more than giving everyone {over}; between {low} and {high} with "
        "{percent} confidence, on customers the model had never seen",
        "为相比对所有人采用“{over}”，每位客户{outcome}的增量；{percent}置信区间为{low}至{high}，"
        "以模型从未见过的客户测得",
    ),
    "model.gain.budget": (
        "{outcome} per customer more than the same spend on random customers with {over}, when {share} of "
        "the customers can be reached; between {low} and {high} with {percent} confidence, on customers the "
        "model had never seen",
        "为在可触达{share}客户时，相比以同样花费随机发放“{over}”，每位客户{outcome}的增量；"
        "{percent}置信区间为{low}至{high}，以模型从未见过的客户测得",
    ),
    "model.gain.plain": (
        "{outcome} per customer more than the best single choice for all; between {low} and {high} with "
        "{percent} confidence, on customers the model had never seen",
        "为相比对所有人采用最佳单一选择，每位客户{outcome}的增量；{percent}置信区间为{low}至{high}，"
        "以模型从未见过的客户测得",
    ),
    "model.assumed": (
        "These customers were not assigned at random. The effects below hold only if everything that "
        "decided who got what is among the features.",
        "这些客户并非随机分配。只有当决定谁得到什么的因素全部包含在特征中时，下面的效果才成立。",
    ),
    "model.arms.title": ("Who got what", "谁得到了什么"),
    "model.arm": ("group", "组别"),
    "model.rows": ("customers", "客户数"),
    "model.outcome_mean": ("mean {outcome}", "平均{outcome}"),
    "model.effects.title": ("What each offer changed, on average", "每种优惠平均带来的变化"),
    "model.effects.caption": (
        "Difference in {outcome} per customer against the control group.",
        "与对照组相比，每位客户{outcome}的差异。",
    ),
    "model.effect": ("difference", "差异"),
    "model.candidates.title": ("Which way of learning was best", "哪种学习方法最好"),
    "model.candidates.caption": (
        "All were tested on the same held-out customers. The one with the best evidence is bold.",
        "全部方法以同一批留出客户检验。证据最好者以粗体显示。",
    ),
    "model.candidates.more": ("More measures", "更多指标"),
    "model.candidate": ("way of learning", "学习方法"),
    "model.chosen": ("chosen", "被选中"),
    "model.best_evidence": ("best evidence", "证据最好"),
    "model.value": ("value", "数值"),
    "model.not_computed": ("Could not be computed for: {names}.", "以下方法无法计算：{names}。"),
    "metric.qini": ("Qini: how well it ranks", "Qini：排序能力"),
    "metric.autoc": ("AUTOC: how well it finds the few best", "AUTOC：找出少数最佳者的能力"),
    "metric.policy_value": ("Outcome per customer when it chooses", "由模型选择时的每客户结果"),
    "metric.policy_gain": ("Gain over the same choice for all", "相比一视同仁的增益"),
    "metric.uplift_at_10": ("Effect in the best-ranked 10%", "排名前10%客户的效果"),
    "metric.uplift_at_20": ("Effect in the best-ranked 20%", "排名前20%客户的效果"),
    "metric.uplift_at_30": ("Effect in the best-ranked 30%", "排名前30%客户的效果"),
    "metric.calibration_slope": ("Calibration slope (1 is right)", "校准斜率（1为准确）"),
    "model.metric.gain_over": ("Gain over {arm} for everyone", "相比对所有人采用“{arm}”的增益"),
    "model.metric.arm": ("{metric} · {arm}", "{metric} · {arm}"),
    "model.curve.title": ("What the best-ranked customers gain: {arm}", "排名靠前的客户增益如何：{arm}"),
    "model.curve.share": ("share of customers treated", "接受优惠的客户占比"),
    "model.curve.gain": ("gain per customer", "每客户增益"),
    "model.curve.random": ("random order", "随机排序"),
    "model.curve.caption": (
        "From left to right, more customers get the offer, best-ranked first; the gain is spread over all "
        "customers. The higher above the dashed line, the better the ranking. "
        "The band is the {percent} interval.",
        "从左到右，得到优惠的客户越来越多，排名靠前者优先；增益按全部客户平均。高出虚线越多，排序越好。"
        "色带为{percent}区间。",
    ),
    "model.calibration.title": (
        "Does it promise what happens: {arm}",
        "预测与实际相符吗：{arm}",
    ),
    "model.calibration.caption": (
        "Left to right what the model predicts for a group of customers, upwards what was measured. "
        "Whiskers that reach the dashed line agree with it.",
        "横轴为模型对一组客户的预测，纵轴为实测。误差线触及虚线即为相符。",
    ),
    "model.calibration.slope": (
        "Slope {value} ({interval}); 1 means that promises are neither too bold nor too timid.",
        "斜率{value}（{interval}）；1表示预测既不夸大也不保守。",
    ),
    "model.calibration.diagonal": ("predicted = measured", "预测 = 实测"),
    "model.predicted": ("predicted", "预测"),
    "model.measured": ("measured", "实测"),
    "model.gate.title": ("May it be used?", "可以投入使用吗？"),
    "check.G1": ("Better than the same choice for all", "优于一视同仁"),
    "check.G2": ("Better than random customers for the same money", "同样花费下优于随机选人"),
    "check.G3.champion": ("Not worse than the version in use", "不差于现用版本"),
    "check.G3": ("Not worse than the version in use", "不差于现用版本"),
    "model.limits.title": ("What it does not know", "它不知道什么"),
    "model.limits.person": (
        "What any one person will do: effects are true for groups of customers, not a promise about one.",
        "任何个人会怎么做：效果对群体成立，不是对个人的承诺。",
    ),
    "model.limits.offers": (
        "Offers other than these: {arms}. A new one needs an experiment of its own.",
        "这些以外的优惠：{arms}。新的优惠需要单独做实验。",
    ),
    "model.limits.horizon": (
        "What happens after {days} days: later effects, good or bad, were not measured.",
        "{days}天之后会怎样：更晚的影响（无论好坏）没有测量。",
    ),
    "model.limits.time": (
        "Customers of another time: it saw {days}.",
        "其他时期的客户：它只见过{days}的数据。",
    ),
    "model.limits.uses": (
        "The held-out customers have been looked at {count} times; each look flatters the figures a little.",
        "留出客户已被查看{count}次；每多看一次，数字就会稍微偏乐观。",
    ),
    "next.model.promote": (
        "<b>See whether it may go into use</b>; the gate decides, nothing is moved yet.",
        "<b>看看能否投入使用</b>：由门槛判断，此时不会变更任何东西。",
    ),
    "next.model.explore": (
        "<b>Keep a random slice</b> in the next campaigns: more random rows are what a model needs.",
        "<b>在之后的活动中保留随机部分</b>：更多随机样本正是模型改进所需。",
    ),
    "next.model.fix": (
        "<b>Find out why it failed</b>: {checks}. Then train again.",
        "<b>查清未通过的原因</b>：{checks}，然后重新训练。",
    ),
    "next.model.compare": ("<b>See all candidates</b> again at any time.", "<b>随时查看全部候选模型</b>。"),
}
