"""Texts of the report of an A/B test: (English, 简体中文)."""

TEXTS: dict[str, tuple[str, str]] = {
    "experiment.kicker": ("A/B test report", "A/B 测试报告"),
    "experiment.title": ("{name}: what the test shows", "{name}：测试说明了什么"),
    "experiment.against": ("{arms} against {control}", "{arms}，对照{control}"),
    "experiment.units": ("{count} participants", "{count}位参与者"),
    "experiment.join": (", ", "、"),
    # the verdict
    "experiment.verdict.better": ("Use {arm}: it is better.", "采用“{arm}”：效果更好。"),
    "experiment.verdict.worse": (
        "Keep {control}: {metrics} got worse with {arms}.",
        "保留“{control}”：采用“{arms}”后{metrics}变差。",
    ),
    "experiment.verdict.open_at_end": (
        "Keep {control}: the test has ended without the proof that a change needs.",
        "保留“{control}”：测试已结束，尚缺改动所需的证据。",
    ),
    "experiment.verdict.open": (
        "Keep the test running: it is too early to decide.",
        "继续测试：现在下结论还太早。",
    ),
    "experiment.verdict.open.safety": (
        "Keep the test running: {arm} reaches the goal, but is not shown to be safe yet.",
        "继续测试：“{arm}”已达到目标，但尚未证明安全。",
    ),
    "experiment.verdict.open_at_end.safety": (
        "Keep {control}: {arm} reaches the goal, but the test has ended before it was shown to be safe.",
        "保留“{control}”：“{arm}”已达到目标，但测试结束时仍未证明安全。",
    ),
    "experiment.verdict.before_end": (
        "Keep the test running: it was planned to be read once, at its end.",
        "继续测试：按计划，只在结束时看一次结果。",
    ),
    "experiment.verdict.no_primary": (
        "No verdict: the definition names no metric as the goal.",
        "没有结论：定义中没有指定主要指标。",
    ),
    "experiment.doubt.why": (
        "A check of the test itself failed, so the arms may differ for other reasons than what was tested. "
        "The figures below are for finding the fault, not for deciding.",
        "测试本身的检查未通过：各组差异可能另有原因。下面的数字只用于查找问题，不能用于决策。",
    ),
    # the number behind the verdict
    "experiment.effect.both": (
        "{metric} with {arm}: <b>{mean}</b> instead of {control}. The difference lies between {low} and "
        "{high} with {percent} confidence",
        "采用“{arm}”时，{metric}为<b>{mean}</b>，对照组为{control}。差异的{percent}置信区间为{low}至{high}",
    ),
    "experiment.effect.least": (
        "{metric} with {arm}: <b>{mean}</b> instead of {control}. The difference is at least {low} with "
        "{percent} confidence",
        "采用“{arm}”时，{metric}为<b>{mean}</b>，对照组为{control}。在{percent}置信度下，差异至少为{low}",
    ),
    "experiment.effect.most": (
        "{metric} with {arm}: <b>{mean}</b> instead of {control}. The difference is at most {high} with "
        "{percent} confidence",
        "采用“{arm}”时，{metric}为<b>{mean}</b>，对照组为{control}。在{percent}置信度下，差异至多为{high}",
    ),
    "experiment.effect.relative": (
        "; that is {relative} relative to control.",
        "；相对于对照组为{relative}。",
    ),
    "experiment.effect.end": (".", "。"),
    "experiment.says.better": (
        "<b>{metric}: better with {arm}</b>, {value} ({interval}).",
        "<b>{metric}：采用“{arm}”后更好</b>，{value}（{interval}）。",
    ),
    "experiment.says.worse": (
        "<b>{metric}: worse with {arm}</b>, {value} ({interval}).",
        "<b>{metric}：采用“{arm}”后更差</b>，{value}（{interval}）。",
    ),
    "experiment.says.open": (
        "<b>{metric}: no clear difference with {arm}</b>, {value} ({interval}).",
        "<b>{metric}：采用“{arm}”后无明确差异</b>，{value}（{interval}）。",
    ),
    "experiment.says.within": (
        "<b>{metric}: safe with {arm}</b>, shown to be worse by less than the {margin} that were allowed.",
        "<b>{metric}：采用“{arm}”是安全的</b>，已证明变差幅度小于允许的{margin}。",
    ),
    "experiment.says.not_within": (
        "<b>{metric}: not shown to be safe with {arm}</b>. It is allowed to get worse by {margin}, and more "
        "is not ruled out: {value} ({interval}).",
        "<b>{metric}：尚未证明采用“{arm}”是安全的</b>。允许变差{margin}，尚不能排除变差更多：{value}（{interval}）。",
    ),
    "experiment.says.unknown": (
        "<b>{metric} with {arm}</b> could not be computed: {reason}.",
        "<b>采用“{arm}”时的{metric}</b>无法计算：{reason}。",
    ),
    "experiment.progress": (
        "So far the smallest arm has {reached} of {planned} planned participants.",
        "目前人数最少的一组有{reached}位参与者，计划为{planned}位。",
    ),
    "experiment.progress.unplanned": (
        "No size was planned, so nothing says when it must be decided: set <b>plan.n_per_arm</b>.",
        "没有计划样本量，因此没有必须下结论的时点：请设置<b>plan.n_per_arm</b>。",
    ),
    "experiment.by_policy": (
        "Offers were chosen for each customer, so that everybody else is compared with the holdout, "
        "not one offer with another.",
        "优惠按客户逐一选择，因此比较的是留出组与其他所有人，而不是各优惠之间。",
    ),
    "experiment.reread": (
        "Since the last analysis the definition, or what is known of days that had closed, has changed: all "
        "days were read again, and earlier looks may show other figures.",
        "自上次分析以来，定义或已结束日期的数据有变化：已重新读取所有日期，之前查看的数字可能有所不同。",
    ),
    "experiment.reason.quantile_looks": (
        "a quantile can be read once, at the end, and not while the test runs",
        "分位数只能在结束时看一次，不能在测试中途查看",
    ),
    "experiment.reason.not_begun": (
        "the smaller arm has too few participants for a look while the test runs",
        "较小一组的参与者太少，测试中途尚不能查看",
    ),
    "experiment.reason.too_few": ("an arm has too few participants", "某一组的参与者太少"),
    "experiment.reason.clusters": (
        "whole groups were drawn, and here they cannot be told apart",
        "抽取的是整群，此处无法拆分比较",
    ),
    "experiment.reason.other": (
        "nothing varies, or there is nothing to divide by; <b>lab experiment analyze</b> says which",
        "数值没有差异，或没有可作除数的值；<b>lab experiment analyze</b>会给出原因",
    ),
    # who was in it
    "experiment.arms.title": ("Who was in which group", "各组有多少人"),
    "experiment.arm": ("group", "组别"),
    "experiment.arm.control": ("{arm} (control)", "{arm}（对照组）"),
    "experiment.arm.units": ("participants", "参与者"),
    # what changed
    "experiment.effects.title": ("What changed, relative to {control}", "与“{control}”相比，变化了多少"),
    "experiment.metric": ("metric", "指标"),
    "experiment.change": ("change", "变化"),
    "experiment.remark": ("{role}: {state}", "{role}：{state}"),
    "experiment.role.primary": ("goal", "主要指标"),
    "experiment.role.secondary": ("also measured", "次要指标"),
    "experiment.role.guardrail": ("must not get worse", "护栏指标"),
    "experiment.role.diagnostic": ("for information", "仅供参考"),
    "experiment.state.better": ("better", "更好"),
    "experiment.state.worse": ("worse", "更差"),
    "experiment.state.open": ("no clear difference", "无明确差异"),
    "experiment.state.within": ("shown to be safe", "已证明安全"),
    "experiment.state.not_within": ("not shown to be safe", "尚未证明安全"),
    "experiment.state.unknown": ("not computed", "无法计算"),
    "experiment.state.unjudged": ("not judged", "不作判断"),
    "experiment.effects.caption": (
        "Change as a share of control, with its {percent} interval.",
        "变化占对照组的比例，及其{percent}区间。",
    ),
    "experiment.effects.caption.colour": (
        "Coloured where a difference is shown; grey where it may be chance.",
        "有颜色表示差异已得到证明；灰色表示可能出于偶然。",
    ),
    "experiment.effects.caption.corrected": (
        "Goals and other metrics are judged together, {count} comparisons in all, so that not one of them "
        "counts only because there were many; a grey interval may therefore lie beside zero.",
        "主要指标与次要指标共{count}项比较一并判断，避免因比较次数多而误判；因此灰色区间也可能不含零。",
    ),
    "experiment.effects.caption.margin": (
        "The dashed tick is how much worse a metric may get at most.",
        "虚线刻度为指标最多允许变差的程度。",
    ),
    "experiment.effects.caption.doubt": (
        "All grey: the test itself is in doubt, so nothing can be called better or worse.",
        "全部为灰色：测试本身存疑，不能据此判断好坏。",
    ),
    "experiment.effects.caption.before_end": (
        "All grey: this test is judged once, at its planned end. Whoever stops it earlier because of these "
        "figures is wrong too often.",
        "全部为灰色：本测试只在计划结束时判断一次。依据这些数字提前停止，误判会过多。",
    ),
    "experiment.effects.no_relative": (
        "{metric} with {arm}: a change relative to control says nothing here, as control is not clearly "
        "above zero; see the figures.",
        "采用“{arm}”时的{metric}：对照组的值并不明确大于零，相对变化没有意义，请看具体数字。",
    ),
    "experiment.effects.not_computed": (
        "{metric} with {arm} could not be computed: {reason}.",
        "采用“{arm}”时的{metric}无法计算：{reason}。",
    ),
    "experiment.effects.further": (
        "More comparisons, in the run's result.json: {count}.",
        "更多比较见运行记录中的result.json：{count}项。",
    ),
    "experiment.figures.title": ("The figures", "具体数字"),
    "experiment.figures.arm": ("arm", "该组"),
    "experiment.figures.difference": ("difference", "差异"),
    "experiment.figures.relative": ("relative", "相对变化"),
    "experiment.figures.p": ("p", "p值"),
    "experiment.figures.adjusted": ("p, corrected", "校正后p值"),
    "experiment.figures.saved": ("variance saved", "方差减少"),
    "experiment.figures.chance": ("better", "更优"),
    "experiment.figures.loss": ("loss", "损失"),
    "experiment.figures.caption.believed": (
        "Better, loss: how likely the arm is the better one, and the expected loss if it is chosen, having "
        "believed nothing before: what that costs on average where it is the worse one.",
        "更优、损失：假设事先没有任何看法，该组更优的概率，以及选用它的预期损失，即选错时平均付出的代价。",
    ),
    "experiment.figures.small_p": ("&lt; 0.001", "&lt; 0.001"),
    "experiment.figures.caption": (
        "p: how often chance alone would make such a difference; corrected: for looking at several.",
        "p值：仅凭偶然出现这样差异的频率；校正后：已考虑多次比较。",
    ),
    "experiment.figures.caption.margin": (
        "Where a limit was set for getting worse, p is about that limit: small means safe.",
        "对设有允许变差上限的指标，p值针对该上限：越小越安全。",
    ),
    "experiment.figures.caption.saved": (
        "Variance saved: what was known before the start took so much chance out of the comparison.",
        "方差减少：利用开始前已知的信息，从比较中去除了这么多偶然波动。",
    ),
    # over time
    "experiment.looks.title": (
        "{metric} with {arm}: what was known each day",
        "采用“{arm}”时的{metric}：每天已知的结果",
    ),
    "experiment.looks.always_valid": (
        "The difference over everyone so far; the band is its {percent} interval, which may be read on any "
        "day.",
        "截至当天全部参与者的差异；色带为{percent}区间，任何一天查看都有效。",
    ),
    "experiment.looks.group_sequential": (
        "The difference at the planned looks; the band is its {percent} interval, valid at all of them.",
        "各计划查看时点的差异；色带为{percent}区间，在所有这些时点均有效。",
    ),
    "experiment.looks.fixed": (
        "The difference over everyone so far. Its band is valid at the planned end alone: whoever stops "
        "a test on the first day that looks good is wrong too often.",
        "截至当天全部参与者的差异。色带仅在计划结束时有效：一看到有利结果就停止测试，误判会过多。",
    ),
    "experiment.periods.title": (
        "{metric} with {arm}: does the effect last?",
        "采用“{arm}”时的{metric}：效果持久吗？",
    ),
    "experiment.periods.caption": (
        "Each whisker is the difference among those who came in on that day alone; dashed: all of them "
        "together. Days differ by chance; a slope would be news.",
        "每条误差线只含当天进入的参与者；虚线为全部参与者。各天有偶然波动；若呈趋势则值得注意。",
    ),
    "experiment.periods.caption.grouped": (
        "Each whisker is the difference among those who came in within {days} days; dashed: all of them "
        "together. They differ by chance; a slope would be news.",
        "每条误差线只含{days}天内进入的参与者；虚线为全部参与者。各时段有偶然波动；若呈趋势则值得注意。",
    ),
    "experiment.day": ("day", "日期"),
    "experiment.courses.more": ("More groups and goals over time", "更多组别与指标的变化过程"),
    # segments
    "experiment.segments.title": ("By {column}", "按{column}细分"),
    "experiment.segments.level": ("who", "人群"),
    "experiment.segments.unjudged": (
        "{metric} with {arm}: not judged ({p} for one effect in all of these groups).",
        "采用“{arm}”时的{metric}：不作判断（各人群效果相同的{p}）。",
    ),
    "experiment.segments.apart": (
        "<b>{metric} with {arm}: the effect differs</b> between these groups ({p}).",
        "<b>采用“{arm}”时{metric}的效果因人群而异</b>（{p}）。",
    ),
    "experiment.segments.hint": (
        "{metric} with {arm}: a hint that the effect differs ({p}), which may be chance: {count} such "
        "comparisons were made.",
        "采用“{arm}”时的{metric}：有迹象表明效果因人群而异（{p}），但共做了{count}项此类比较，可能出于偶然。",
    ),
    "experiment.segments.alike": (
        "{metric} with {arm}: no sign that the effect differs ({p}). Differences below may be chance.",
        "采用“{arm}”时的{metric}：没有迹象表明效果因人群而异（{p}）。下面的差别可能出于偶然。",
    ),
    "experiment.segments.unasked": (
        "{metric} with {arm}: whether the effect differs could not be asked: too few groups can be compared.",
        "采用“{arm}”时的{metric}：可比较的人群太少，无法判断效果是否因人群而异。",
    ),
    "experiment.segments.caption": (
        "Coloured where a difference is shown, all rows of this part judged together; grey where it may be "
        "chance.",
        "有颜色表示差异已得到证明（本部分各行一并判断）；灰色表示可能出于偶然。",
    ),
    "experiment.segments.together": (
        "These intervals hold for all groups at once.",
        "这些区间对所有人群同时成立。",
    ),
    "experiment.segments.small": (
        "Groups with very few participants, which are not named: {count}.",
        "因人数过少而未列出名称的人群：{count}个。",
    ),
    "experiment.segments.none": ("Nothing could be compared here.", "此处没有可比较的内容。"),
    # what it does not know
    "experiment.limits.title": ("What this does not know", "它不知道什么"),
    "experiment.limits.person": (
        "What any one person will do: effects are averages over a group.",
        "任何个人会怎么做：效果是群体的平均值。",
    ),
    "experiment.limits.size": (
        "Whether {metric} with {arm} moves by less than about {size}: this test is too small to see it.",
        "采用“{arm}”时{metric}是否有小于约{size}的变化：这次测试规模太小，看不出来。",
    ),
    "experiment.limits.arms": (
        "Which of {arms} is best: each was compared with {control}, not with the others.",
        "{arms}中哪个最好：每一组都只与“{control}”比较，没有相互比较。",
    ),
    "experiment.limits.time": (
        "Other times: it saw {days}, and seasons, prices and customers change.",
        "其他时期：它只见过{days}，而季节、价格和客户都会变化。",
    ),
    "experiment.limits.undated": (
        "Whether the effect grows or fades: the table has no dates.",
        "效果会增强还是减弱：表中没有日期。",
    ),
    "experiment.limits.window": (
        "What happens more than {days} days after someone came in.",
        "参与者进入{days}天之后会怎样。",
    ),
    "experiment.limits.waiting": (
        "What {count} participants will do whose {days} days are not over yet: they are in the group sizes "
        "alone.",
        "{count}位参与者的{days}天尚未结束，其结果未知：他们只计入各组人数。",
    ),
    "experiment.limits.cut": (
        "What the very largest values do: those of {metrics} were cut at a limit.",
        "极大值的影响：{metrics}的过大数值已按上限截断。",
    ),
    "experiment.limits.many": (
        "Which of {count} intervals misses: each holds with {percent} confidence by itself, not all at once.",
        "{count}个区间中哪一个会落空：每个区间单独具有{percent}置信度，而非同时成立。",
    ),
    # what to do next
    "experiment.next.fix": (
        "<b>Find out why it failed</b>: {checks}. Until then, decide nothing on these figures.",
        "<b>查清未通过的原因</b>：{checks}。在此之前，不要依据这些数字做决定。",
    ),
    "experiment.next.again": ("<b>Correct the data</b>, and analyze again.", "<b>更正数据</b>后重新分析。"),
    "experiment.next.use": (
        "<b>Use {arm}</b> for everyone but a small random group that keeps {control}: it shows whether the "
        "effect lasts.",
        "<b>全面采用“{arm}”</b>，但随机保留一小组继续使用“{control}”，以观察效果是否持久。",
    ),
    "experiment.next.keep": ("<b>Keep {control}.</b>", "<b>保留“{control}”。</b>"),
    "experiment.next.learn": (
        "<b>Look at why</b>: which group lost, and at which step; then test another version.",
        "<b>查找原因</b>：哪类人群、哪一步变差；然后测试新的版本。",
    ),
    "experiment.next.larger": (
        "<b>If a smaller effect would pay</b>, plan a larger test for it.",
        "<b>如果更小的效果也值得</b>，请计划规模更大的测试。",
    ),
    "experiment.next.wait": (
        "<b>Let it run</b>, change nothing, and look again.",
        "<b>让测试继续</b>，不作改动，之后再看。",
    ),
    "experiment.next.wait.fixed": (
        "<b>Let it run to its planned end</b>, then look once.",
        "<b>让测试运行到计划结束</b>，届时再看一次。",
    ),
    "experiment.next.plan": (
        "<b>Say how large it shall become</b>, so that it ends some day.",
        "<b>设定计划规模</b>，让测试有结束之日。",
    ),
    "experiment.next.primary": (
        "<b>Name the goal</b>: give one metric <b>role: primary</b> in experiments/{name}.yaml.",
        "<b>指定主要指标</b>：在experiments/{name}.yaml中为一个指标写上<b>role: primary</b>。",
    ),
}
