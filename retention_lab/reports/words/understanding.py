"""Texts of what the model report says about the effects themselves: (English, 简体中文)."""

TEXTS: dict[str, tuple[str, str]] = {
    "model.four.general": (
        "The groups are estimates of the model, true for groups, not a promise about any one person: "
        "nobody is seen both with and without an offer. What was measured is the average effect of each "
        "group.",
        "四类客户是模型的估计，对群体成立，不是对个人的承诺：没有人能同时被观察到有优惠和无优惠。实测的是每"
        "一类的平均效果。",
    ),
    "model.drivers.flat": (
        "For this offer the model predicts the same effect for everybody: {base}. No feature moves it.",
        "对此优惠，模型对所有人预测相同的效果：{base}。没有特征影响它。",
    ),
    "model.drivers.general": (
        "In bold its part of all that moves the effect, beside it by how much it does on average. This is "
        "what the model “{learner}” uses; it does not say what would happen if a feature were changed.",
        "粗体为其占全部影响的比例，旁边为平均影响幅度。这是模型“{learner}”所用的特征，并不说明改变某个特征"
        "会带来什么。",
    ),
    "model.more_offers": ("The other offers", "其他优惠"),
    "model.groups.title": (
        "Do the customers it ranks first gain most: {arm}",
        "排名靠前的客户增益最大吗：{arm}",
    ),
    "model.groups.group": ("ranked customers", "按排名分组的客户"),
    "model.groups.row": ("group {number}", "第{number}组"),
    "model.groups.predicted": ("predicted {value}", "预测{value}"),
    "model.groups.band": ("{percent} band for all groups at once", "各组同时成立的{percent}区间"),
    "model.groups.caption": (
        "Group 1 has the highest predictions, the last group the lowest; measured on customers the model "
        "had never seen.",
        "第1组预测最高，最后一组最低；以模型从未见过的客户测得。",
    ),
    "model.groups.gain": (
        "The first group gained {value} more than the last ({interval}).",
        "第一组比最后一组多{value}（{interval}）。",
    ),
    "model.groups.unsure": (
        "The first group less the last: {value} ({interval}), so that they differ was not shown.",
        "第一组减最后一组：{value}（{interval}），未能证明两者不同。",
    ),
    "model.groups.loss": (
        "The first group gained less than the last: {value} ({interval}). The ranking is the wrong way "
        "round.",
        "第一组反而少于最后一组：{value}（{interval}）。排序方向相反。",
    ),
    "model.drivers.title": ("What moves the effect: {arm}", "什么影响效果：{arm}"),
    "model.drivers.feature": ("feature", "特征"),
    "model.drivers.share": ("part", "占比"),
    "model.drivers.strength": ("moves it by, on average", "平均影响幅度"),
    "model.drivers.up": ("the higher, the larger the effect", "越高，效果越大"),
    "model.drivers.down": ("the higher, the smaller the effect", "越高，效果越小"),
    "model.drivers.bent": ("neither simply up nor down", "并非单向变化"),
    "model.drivers.raising": ("larger for {levels}", "{levels}效果较大"),
    "model.drivers.lowering": ("smaller for {levels}", "{levels}效果较小"),
    "model.drivers.rest": ("{count} other features", "其余{count}个特征"),
    "model.drivers.caption": (
        "Each moves the effect away from {base}, the effect before anything is known about a customer.",
        "各特征使效果偏离{base}，即对客户一无所知时的效果。",
    ),
    "model.drivers.none": (
        "The model “{learner}” cannot say which features move its effects.",
        "模型“{learner}”无法说明哪些特征影响其效果。",
    ),
    "model.rule.title": ("What a simple rule would say", "一条简单规则会怎么说"),
    "model.rule.if": ("If {conditions}: <b>{arm}</b>", "如果{conditions}：<b>{arm}</b>"),
    "model.rule.else_if": (
        "Otherwise, if {conditions}: <b>{arm}</b>",
        "否则，如果{conditions}：<b>{arm}</b>",
    ),
    "model.rule.else": ("Otherwise: <b>{arm}</b>", "否则：<b>{arm}</b>"),
    "model.rule.everybody": ("Everybody: <b>{arm}</b>", "所有人：<b>{arm}</b>"),
    "model.rule.and": (" and ", "且"),
    "model.rule.above": ("{name} is above {limit}", "{name}大于{limit}"),
    "model.rule.at_most": ("{name} is at most {limit}", "{name}不超过{limit}"),
    "model.rule.is": ("{name} is {level}", "{name}为{level}"),
    "model.rule.one_of": ("{name} is one of {levels}", "{name}为{levels}之一"),
    "model.rule.missing": ("{name} is missing", "{name}缺失"),
    "model.rule.share": ("{share} of the customers", "占客户的{share}"),
    "model.rule.effect": (
        "{share} of the customers; {value} each over {control} ({interval})",
        "占客户的{share}；相比“{control}”每人{value}（{interval}）",
    ),
    "model.rule.compared": ("compared", "比较"),
    "model.rule.row": ("this rule, over {arm} for everyone", "此规则，相比对所有人采用“{arm}”"),
    "model.rule.model_row": ("the model, over {arm} for everyone", "模型，相比对所有人采用“{arm}”"),
    "model.rule.each": ("per customer", "每客户"),
    "model.rule.caption": (
        "Found on the customers the model learned from, valued on customers that neither had seen. Where "
        "its gain comes close to the model's, the rule may serve as well.",
        "规则由模型的训练客户得出，以两者都未见过的客户估值。若其增益接近模型，用规则即可。",
    ),
    "model.four.title": ("Who is who, as the model sees it: {arm}", "模型眼中的四类客户：{arm}"),
    "model.four.group": ("group", "类别"),
    "model.four.measured": ("measured effect", "实测效果"),
    "model.four.remark": ("{share} of the customers; predicted {value}", "占客户的{share}；预测{value}"),
    "model.four.caption": (
        "Persuadable: predicted effect above {effect}; sleeping dog: below its negative. Of the others, "
        "sure things have a predicted outcome without an offer above {baseline}.",
        "可打动者：预测效果高于{effect}；勿扰者：低于其相反数。其余客户中，必买者在无优惠时的预测结果高于"
        "{baseline}。",
    ),
    "model.sensitivity.title": (
        "What if something unseen decided who got what?",
        "如果有未观测的因素决定了谁得到什么？",
    ),
    "model.sensitivity.unsure": (
        "{arm}: even if the features hold everything that matters, its average effect is not told from 0.",
        "{arm}：即使特征已包含所有重要因素，其平均效果也无法与0区分。",
    ),
    "model.sensitivity.firm": (
        "{arm}: even a hidden cause that changed the odds of the choice by a factor of {most} would not "
        "bring its average effect to 0.",
        "{arm}：即使隐藏因素使选择的几率改变{most}倍，其平均效果也不会降为0。",
    ),
    "model.sensitivity.blurred": (
        "{arm}: a hidden cause that changed the odds of the choice by a factor of {most} would not bring "
        "its average effect to 0, but from {undecided} on, its sign is not shown any more.",
        "{arm}：即使隐藏因素使选择的几率改变{most}倍，其平均效果也不会降为0，但达到{undecided}倍时，其正负"
        "已无法确定。",
    ),
    "model.sensitivity.tips": (
        "{arm}: a hidden cause that changed the odds of the choice by a factor of {tips} either way could "
        "bring its average effect to 0; from {undecided} on, its sign is not shown any more.",
        "{arm}：隐藏因素若使选择的几率改变{tips}倍（增或减），其平均效果就可能为0；达到{undecided}倍时，其"
        "正负已无法确定。",
    ),
    "model.sensitivity.strength": ("odds changed by a factor of", "几率改变倍数"),
    "model.sensitivity.least": ("least effect", "最小效果"),
    "model.sensitivity.most": ("largest effect", "最大效果"),
    "model.sensitivity.caption": (
        "The cause would also have to go along with the outcome as closely as can be. Whether there is "
        "one, the data cannot say.",
        "该因素还须与结果密切相关。是否存在这样的因素，数据无法回答。",
    ),
    "model.understood.unproven": (
        "What follows describes “{learner}”, the best of the models that tell customers apart. Its choices "
        "were not shown to be better than one offer for all: trust what was measured, and take the rest "
        "for what the model believes.",
        "以下描述的是“{learner}”，即能区分客户的模型中最好的一个。它的选择未被证明优于一视同仁：请相信实测"
        "部分，其余只是模型的看法。",
    ),
    "check.placebo_average": ("No effect found in a placebo", "安慰剂中没有发现效果"),
    "check.placebo_ranking": ("Nobody ranked by a placebo", "安慰剂中没有可用的排序"),
    "check.placebo_spread": ("Effects differ by more than noise", "效果差异大于噪声"),
    "check.random_cause_average": (
        "A random feature does not move the average",
        "加入随机特征后平均效果不变",
    ),
    "check.random_cause_ranking": ("A random feature does not move the ranking", "加入随机特征后排序不变"),
    "check.subset_average": ("Part of the customers gives the same average", "部分客户得出相同的平均效果"),
    "check.subset_ranking": ("Part of the customers gives the same ranking", "部分客户得出相同的排序"),
}
