"""Texts of the checks of an A/B test: (English, 简体中文)."""

TEXTS: dict[str, tuple[str, str]] = {
    "experiment.check.sample_ratio": ("Groups as large as planned", "各组人数与计划一致"),
    "experiment.check.sample_ratio_by_day": ("Groups fill up as planned, every day", "各组每天都按计划增长"),
    "experiment.check.missing": ("{metric}: missing alike in all groups", "{metric}：各组缺失程度一致"),
    "experiment.check.before": (
        "Groups alike in {covariate} before the start",
        "开始前各组的{covariate}一致",
    ),
    "experiment.check.outliers": (
        "{metric}: no single participant decides",
        "{metric}：结果不由个别参与者决定",
    ),
    "experiment.check.skewed_small_arm": (
        "{metric}: groups are large enough for the few who make most of it",
        "{metric}：各组人数足以应对少数人占大头的情形",
    ),
    "experiment.check.trend": (
        "{metric} with {arm}: the effect is steady",
        "采用“{arm}”时{metric}的效果稳定",
    ),
    "experiment.check.whole_clusters": ("Every cluster has one arm", "每个群只属于一组"),
    "experiment.check.unique_units": ("Everyone is counted once", "每位参与者只计一次"),
    "experiment.detail.counted": (
        "{arm}: {observed} counted, {planned} planned",
        "{arm}：实际{observed}，计划{planned}",
    ),
    "experiment.detail.sample_ratio.hard": (
        "{counts}. Participants are lost, added or put into the wrong group.",
        "{counts}。有参与者丢失、多出或分错组。",
    ),
    "experiment.detail.sample_ratio.soft": (
        "{counts}. This is unlikely by chance: look for lost participants.",
        "{counts}。偶然出现的可能性很小：请查找丢失的参与者。",
    ),
    "experiment.detail.sample_ratio.unasked": (
        "No shares were planned, so nobody can say whether participants were lost.",
        "没有计划占比，无法判断是否有参与者丢失。",
    ),
    "experiment.detail.sample_ratio_by_day": (
        "Since {since} the groups do not fill up as planned.",
        "自{since}起，各组没有按计划增长。",
    ),
    "experiment.detail.missing": (
        "Missing: {shares}. Groups that lose different people cannot be compared.",
        "缺失：{shares}。丢失人群不同的组不能比较。",
    ),
    "experiment.detail.before": (
        "They differed before anything was done: look at how groups were drawn.",
        "在采取任何措施之前已有差异：请检查分组方式。",
    ),
    "experiment.detail.outliers": (
        "One participant in {arm} makes about {share} of the spread: look at it, or cut large values.",
        "“{arm}”中一位参与者约占离散程度的{share}：请核对，或截断过大的数值。",
    ),
    "experiment.detail.skewed_small_arm": (
        "{arm} has {count} participants, too few for that: the range misses more often than it says. "
        "Wait for more, or cut large values.",
        "“{arm}”只有{count}位参与者，人数不足：区间落空的次数会多于所称。请等待更多数据，或截断过大的数值。",
    ),
    "experiment.detail.trend.grows": (
        "It grows from day to day: those who came late react otherwise than those who came early.",
        "效果逐日增大：后进入者与先进入者的反应不同。",
    ),
    "experiment.detail.trend.falls": (
        "It falls from day to day: perhaps it was the novelty, or something changed.",
        "效果逐日减小：可能是新鲜感消退，或有其他变化。",
    ),
    "experiment.detail.whole_clusters": (
        "Clusters in several groups: {count}. They were not drawn whole.",
        "同时属于多组的群：{count}个，没有整群抽取。",
    ),
    "experiment.detail.unique_units": (
        "No column names the participants, so nobody can see one that stands in two rows.",
        "没有标识参与者的列，无法发现同一参与者出现在多行。",
    ),
}
