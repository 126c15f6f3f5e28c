"""Texts of the churn report: (English, 简体中文)."""

TEXTS: dict[str, tuple[str, str]] = {
    "churn.kicker": ("Churn report", "流失报告"),
    "churn.title": ("{name}: who is about to leave", "{name}：谁将流失"),
    "churn.winner": ("way of learning: {winner}", "学习方法：{winner}"),
    "churn.horizon": ("leaving within {days} days", "{days}天内流失"),
    "churn.verdict.earns": (
        "Contacting those whom it names earns more than contacting nobody.",
        "联系它所指出的客户，比不联系任何人更赚钱。",
    ),
    "churn.verdict.loses": (
        "Contacting those whom it names would lose money.",
        "联系它所指出的客户会亏钱。",
    ),
    "churn.verdict.unsure": (
        "Whether contacting those whom it names earns money is not clear.",
        "联系它所指出的客户是否赚钱，尚不明确。",
    ),
    "churn.verdict.unpriced": (
        "It ranks customers by their chance to leave; nobody has said what a contact costs and keeps.",
        "它按流失概率为客户排序；尚未说明一次联系的成本与价值。",
    ),
    "churn.range": (
        "profit per customer, with the acceptance that the definition assumes; between {low} and {high} with "
        "{percent} confidence, on customers the model had never seen",
        "为每位客户的利润（按定义中假设的接受率）；{percent}置信区间为{low}至{high}，以模型从未见过的客户测得",
    ),
    "churn.everybody": (
        "Contacting everybody would give {value} per customer.",
        "若联系所有人，每位客户为{value}。",
    ),
    "churn.gain.title": ("How many leavers the first calls reach", "先联系的客户中有多少会流失"),
    "churn.gain.share": ("share of customers", "客户占比"),
    "churn.gain.leavers": ("share of leavers found", "找到的流失客户占比"),
    "churn.gain.caption": (
        "From left to right, more customers are contacted, highest risk first; upwards the part of all "
        "leavers among them. The higher above the dashed line, the fewer calls are wasted.",
        "从左到右联系的客户越来越多，风险最高者在先；向上是其中包含的流失客户占全部流失客户的比例。"
        "高出虚线越多，浪费的联系越少。",
    ),
    "churn.roc.title": ("What finding more leavers costs in false alarms", "多找到流失客户要付出多少误报"),
    "churn.roc.stayers": ("stayers called leavers", "被误判的留存客户"),
    "churn.roc.leavers": ("leavers called so", "被找到的流失客户"),
    "churn.roc.caption": (
        "The ROC curve: each point is another threshold. The area under it is the AUC.",
        "ROC曲线：每一点对应一个阈值。曲线下的面积即AUC。",
    ),
    "churn.calibration.title": ("Do its chances keep their word", "它给出的概率是否可信"),
    "churn.calibration.observed": ("left", "实际流失"),
    "churn.calibration.caption": (
        "Left to right the chance that was predicted for a tenth of the customers, upwards the share that "
        "left. On the line they agree. Correction: {method}.",
        "从左到右是每十分之一客户的预测概率，向上是实际流失的比例；在线上表示两者一致。校正方法：{method}。",
    ),
    "churn.calibrated.none": ("none was needed", "无需校正"),
    "churn.calibrated.platt": ("Platt's, a straight line", "Platt法（直线）"),
    "churn.calibrated.beta": ("beta, a curve", "beta法（曲线）"),
    "churn.calibrated.isotonic": ("isotonic, in steps", "保序法（阶梯）"),
    "churn.tiers.title": ("Where the money is at stake", "风险金额在哪里"),
    "churn.tiers.tier": ("tier", "层级"),
    "churn.tiers.customers": ("customers", "客户数"),
    "churn.tiers.probability": ("predicted to leave", "预测流失率"),
    "churn.tiers.left": ("left", "实际流失率"),
    "churn.tiers.expected": ("expected loss", "预期损失"),
    "churn.tiers.observed": ("lost (interval)", "实际损失（区间）"),
    "churn.tiers.expected.plain": ("expected leavers", "预期流失人数"),
    "churn.tiers.observed.plain": ("left (interval)", "实际流失人数（区间）"),
    "churn.tiers.caption": (
        "Tiers go by expected loss, the chance to leave times what the customer is worth: on the training "
        "customers the top one carried half of it, the next one up to four fifths.",
        "层级按预期损失划分，即流失概率乘以客户价值：在训练客户中，最高层占全部损失的一半，其次一层累计到五分之四。",
    ),
    "churn.tiers.caption.plain": (
        "Tiers go by the chance to leave, a third of the training customers each: nobody said what they are "
        "worth.",
        "层级按流失概率划分，各占训练客户的三分之一：尚未说明客户价值。",
    ),
    "churn.tiers.hidden": (
        "Tiers of fewer than {least} customers are not told (·).",
        "客户数少于{least}的层级不予显示（·）。",
    ),
    "churn.tier.high": ("high", "高"),
    "churn.tier.medium": ("medium", "中"),
    "churn.tier.low": ("low", "低"),
    "churn.drivers.title": ("What moves the risk", "什么影响流失风险"),
    "churn.drivers.caption": (
        "In bold its part of all that moves the risk, beside it by how much on average, in log-odds. Below "
        "the name, the reason that the feature is evidence of. It describes the model, "
        "not what causes leaving.",
        "粗体为该特征在全部影响中的占比，旁边是平均影响幅度（对数几率）。名称下方是该特征所反映的原因。"
        "这描述的是模型，并不说明流失的因果。",
    ),
    "churn.drivers.caption.nats": (
        "The chosen way of learning cannot say what moves its risks. Shown is how much each feature alone "
        "tells about leaving, in nats.",
        "所选方法无法说明什么影响其风险。这里显示每个特征单独包含的流失信息量（nat）。",
    ),
    "churn.reason.product": ("product", "产品"),
    "churn.reason.service": ("service", "服务"),
    "churn.reason.price": ("price", "价格"),
    "churn.reason.competition": ("competition", "竞争"),
    "churn.survival.title": ("How many are still there", "还剩多少客户"),
    "churn.survival.period": ("periods from now", "之后的期数"),
    "churn.survival.all": ("all", "全部"),
    "churn.survival.caption": (
        "By the hazard model, if nothing is done: each period takes its chance of leaving, and only the "
        "customer's age grows. The figures show it by tier.",
        "由风险率模型给出（若不采取行动）：每一期按流失概率减少，仅客户在网时长增长。数据表按层级列出。",
    ),
    "churn.limits.cause": (
        "Whom an offer would keep: it knows who is likely to leave, not who stays because of a contact. That "
        "takes an experiment, and an uplift model.",
        "优惠能留住谁：它知道谁可能流失，却不知道谁会因联系而留下。这需要实验和增益模型。",
    ),
    "churn.limits.person": (
        "What any one customer will do: a chance of 40% is true of a hundred such customers.",
        "某一位客户会怎么做：40%的概率是对一百位这样的客户而言的。",
    ),
    "churn.limits.reasons": (
        "Why a customer leaves: reasons are what the model looks at, grouped by the names of features or as "
        "the definition says.",
        "客户为何离开：所列原因是模型所依据的内容，按特征名称或定义中的说明归类。",
    ),
    "churn.limits.acceptance": (
        "How many accept the incentive: the definition's figure was taken as it stands. EMPC lets it vary.",
        "有多少人接受激励：直接采用定义中的数值。EMPC允许其变化。",
    ),
    "churn.limits.time": (
        "Another time: it was tested on customers of the time that it learned from.",
        "其他时期：它是在与学习同一时期的客户上检验的。",
    ),
    "churn.next.price": (
        "<b>Say what a contact costs</b> and a customer is worth, in `profit:` of the definition.",
        "在定义的`profit:`中<b>说明联系成本</b>与客户价值。",
    ),
    "churn.next.explain": ("<b>Ask why</b> about one customer.", "<b>询问</b>某位客户的原因。"),
    "metric.profit": ("Profit per customer", "每位客户的利润"),
    "metric.mpc": ("MPC: profit at the best threshold", "MPC：最佳阈值下的利润"),
    "metric.empc": ("EMPC: the same, acceptance unsure", "EMPC：同上，接受率不确定"),
    "metric.auc": ("AUC: how well it ranks", "AUC：排序能力"),
    "metric.average_precision": ("Average precision", "平均精确率"),
    "metric.log_loss": ("Log loss (less is better)", "对数损失（越小越好）"),
    "metric.brier": ("Brier score (less is better)", "Brier分数（越小越好）"),
    "metric.accuracy": ("Accuracy at one half", "准确率（阈值一半）"),
    "metric.precision": ("Precision at one half", "精确率（阈值一半）"),
    "metric.recall": ("Recall at one half", "召回率（阈值一半）"),
    "metric.f1": ("F1 at one half", "F1（阈值一半）"),
    "metric.lift_at_10": ("Lift in the top 10%", "前10%的提升度"),
    "metric.lift_at_20": ("Lift in the top 20%", "前20%的提升度"),
    "metric.calibration_error": (
        "Calibration error, ten groups (less is better)",
        "校准误差，十组（越小越好）",
    ),
    "check.both_labels": ("Some left and some stayed", "既有流失也有留存"),
    "check.wide_text": ("No column of text was left out", "没有文本列被排除"),
    "check.looks": ("Dates at which customers were looked at", "观察客户的日期"),
    "check.profit_known": ("What a contact costs and keeps is known", "已知联系的成本与价值"),
    "check.later_look": ("Tested on a later time than it learned from", "在学习之后的时期检验"),
    "check.fitted": ("Every model was fitted", "所有模型均已拟合"),
}
