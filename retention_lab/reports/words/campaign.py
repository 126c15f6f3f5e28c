"""Texts of the campaign report: (English, 简体中文)."""

TEXTS: dict[str, tuple[str, str]] = {
    "campaign.kicker": ("Campaign report", "活动报告"),
    "campaign.title": ("{name}: what it earned", "{name}：赚了多少"),
    "campaign.assigned": ("{count} customers", "{count}位客户"),
    "campaign.holdout": (
        "measured against {count} who were left alone",
        "以{count}位未触达的客户为对照",
    ),
    "verdict.gain": ("This campaign earned money.", "这次活动赚了钱。"),
    "verdict.loss": ("This campaign lost money.", "这次活动亏了钱。"),
    "verdict.unsure": (
        "Whether this campaign earned or lost money is not clear yet.",
        "这次活动是赚是亏，尚不明确。",
    ),
    "verdict.doubt": ("Do not use this result.", "请勿使用这一结果。"),
    "verdict.doubt.why": (
        "Something went wrong in the experiment itself, so the figures below may be far from the truth.",
        "实验本身出了问题，下面的数字可能与真实情况相去甚远。",
    ),
    "verdict.range": (
        "profit because of this campaign; between {low} and {high} with {percent} confidence",
        "为本次活动带来的利润；{percent}置信区间为{low}至{high}",
    ),
    "verdict.range.doubt": (
        "For the record, the doubtful figure: profit of {value}, between {low} and {high}.",
        "仅作记录的存疑数字：利润{value}，区间{low}至{high}。",
    ),
    "trust.yes": ("Trust it", "可信"),
    "trust.care": ("Trust it, with care", "可信，但需留意"),
    "trust.no": ("Do not trust it", "不可信"),
    "lead.extra.gain": (
        "<b>{value} more customers bought</b> than would have without us (between {low} and {high}).",
        "与不做活动相比，<b>多了{value}位客户购买</b>（{low}至{high}位）。",
    ),
    "lead.extra.loss": (
        "<b>{value} fewer customers bought</b> than would have without us (between {low} and {high}).",
        "与不做活动相比，<b>少了{value}位客户购买</b>（{low}至{high}位）。",
    ),
    "lead.extra.unsure": (
        "Whether more customers bought than would have without us is not clear (between {low} and {high}).",
        "是否有更多客户因此购买尚不明确（{low}至{high}位）。",
    ),
    "lead.roi.gain": (
        "Every {unit} of cost earned {value} on top of itself (between {low} and {high}).",
        "每花{unit}成本，除收回成本外净赚{value}（{low}至{high}）。",
    ),
    "lead.roi.loss": (
        "Every {unit} of cost lost {value} (between {low} and {high}).",
        "每花{unit}成本，净亏{value}（{low}至{high}）。",
    ),
    "lead.roi.unsure": (
        "What came back for every {unit} of cost is not clear (between {low} and {high} on top of itself).",
        "每花{unit}成本的净回报尚不明确（{low}至{high}）。",
    ),
    "lead.other.gain": ("{way} would have earned <b>{value}</b>.", "{way}，本可赚<b>{value}</b>。"),
    "lead.other.loss": ("{way} would have <b>lost {value}</b>.", "{way}，本会<b>亏{value}</b>。"),
    "lead.other.unsure": (
        "{way} would have made no clear difference.",
        "{way}，不会有明确差别。",
    ),
    "way.everyone": ("Sending the best single offer to everyone", "把最好的单一优惠发给所有人"),
    "way.risk_only": ("Choosing by churn risk, the usual way,", "按流失风险选人（通常做法）"),
    "money.title": ("Where the money went", "钱去了哪里"),
    "money.caption": (
        "What came in beyond the holdout, less everything it cost.",
        "超出对照组的收入，减去全部成本。",
    ),
    "money.caption.waste": (
        "What came in beyond the holdout, less everything it cost. "
        "The orange bar is the price of coupons for people who needed none.",
        "超出对照组的收入，减去全部成本。橙色为发给本来就会购买者的优惠券成本。",
    ),
    "money.caption.rounded": (
        "Each figure is rounded to {step}, so they may add up to a little more or less.",
        "每个数字四舍五入到{step}，相加可能略有出入。",
    ),
    "money.revenue": ("Extra revenue, before coupons", "新增收入（券前）"),
    "money.contribution": ("Extra contribution, before coupons", "新增毛利（券前）"),
    "money.goods": ("Cost of goods", "商品成本"),
    "money.discount": ("Coupons", "优惠券"),
    "money.discount.persuaded": ("Coupons: persuaded", "优惠券：被打动者"),
    "money.discount.anyway": ("Coupons: would have bought anyway", "优惠券：本来就会购买者"),
    "money.redemption": ("Points, gifts, postage", "积分、赠品、邮费"),
    "money.contact": ("Messages", "触达成本"),
    "money.profit": ("Profit", "利润"),
    "money.step": ("step", "项目"),
    "offers.title": ("What each offer earned", "每种优惠赚了多少"),
    "offers.caption": (
        "Profit per customer who was assigned the offer, against those left alone. "
        "Grey means that the interval touches zero: the data do not say which way.",
        "每位被分配该优惠的客户带来的利润，与未触达者相比。灰色表示区间包含零：数据尚不能判断方向。",
    ),
    "offers.caption.doubt": (
        "All grey: the experiment itself is in doubt, so no offer can be called good or bad.",
        "全部为灰色：实验本身存疑，不能据此判断任何优惠的好坏。",
    ),
    "offers.missing": ("{offer}: could not be computed. {reason}", "{offer}：无法计算。{reason}"),
    "offers.offer": ("offer", "优惠"),
    "offers.each": ("profit per customer", "人均利润"),
    "offers.remark": (
        "{count} customers, {total} in all ({interval})",
        "{count}位客户，合计{total}（{interval}）",
    ),
    "earned_from.title": ("Who it earned from", "利润来自哪些客户"),
    "earned_from.segment": ("customers", "客户"),
    "earned_from.caption": (
        "Profit per customer of each segment as the plan saw it, against those of it left alone. "
        "Each interval is for one segment looked at alone: of twenty, one misses.",
        "按计划时的客户分组，各组人均利润与组内未触达者相比。每个区间仅针对单独一组：二十组中约有一组会落在区间外。",
    ),
    "tenths.title": ("Did those promise most who brought most?", "预期最高的客户带来最多吗？"),
    "tenths.tenth": ("tenth by expected value", "按预期价值的十分位"),
    "tenths.caption": (
        "Profit per customer, from the tenth of which the plan expected most (1) to the least (10). Where "
        "the model orders customers well, it falls from top to bottom.",
        "人均利润，从计划预期最高的十分之一（1）到最低（10）。模型排序得当时，自上而下递减。",
    ),
    "budget.caption.together": (
        "It holds at all budgets at once, so the best point of the curve may be read from it.",
        "色带对所有预算同时成立，因此可据此读出曲线上的最佳点。",
    ),
    "budget.caption.recommended": (
        "The best budget, {money}, was chosen on one half of the randomised customers; on the other half it "
        "earns between {low} and {high}.",
        "最佳预算{money}由一半随机客户选出；在另一半上，其利润为{low}至{high}。",
    ),
    "ways.title": ("What other ways would have earned", "换一种做法会赚多少"),
    "ways.caption": (
        "The other ways are estimates from the plan, under the same holdout and the same random slice.",
        "其他做法为计划时的估计，对照组与随机探索比例相同。",
    ),
    "ways.caption.alone": (
        "What the plan expected beside what was measured.",
        "计划预期与实测结果对比。",
    ),
    "ways.agree": ("The plan's expectation lies in the measured interval.", "计划预期落在实测区间之内。"),
    "ways.above": (
        "The plan expected more than was measured: the model promises too much here.",
        "计划预期高于实测区间：模型在此过于乐观。",
    ),
    "ways.below": ("The plan expected less than was measured.", "计划预期低于实测区间。"),
    "ways.way": ("way", "做法"),
    "ways.profit": ("profit", "利润"),
    "ways.measured": ("this campaign, measured", "本次活动（实测）"),
    "ways.expected": ("this campaign, as planned", "本次活动（计划预期）"),
    "way.row.everyone": ("best single offer to everyone", "最好的单一优惠发给所有人"),
    "way.row.risk_only": ("by churn risk", "按流失风险选人"),
    "way.row.response_only": ("by likelihood to buy", "按购买可能性选人"),
    "way.row.random": ("same money, random customers", "同样花费，随机选人"),
    "way.row.nobody": ("contacting nobody", "不触达任何人"),
    "choice.title": ("Was the choosing worth it?", "模型选人值得吗？"),
    "choice.gain": (
        "Yes. The model's choices earned more per customer than offers given at random.",
        "值得。模型的选择比随机发放优惠的人均利润更高。",
    ),
    "choice.loss": (
        "No. Offers given at random earned more per customer than the model's choices.",
        "不值得。随机发放优惠的人均利润高于模型的选择。",
    ),
    "choice.unsure": (
        "Not clear. The model's choices and random offers earned too nearly the same to tell.",
        "尚不明确。模型的选择与随机发放的收益过于接近，无法区分。",
    ),
    "choice.row": ("model's choices less random offers", "模型选择减随机发放"),
    "choice.compared": ("comparison", "比较"),
    "budget.title": ("What another budget would earn", "换一个预算会赚多少"),
    "budget.budget": ("budget", "预算"),
    "budget.spent": ("planned: {money}", "计划：{money}"),
    "budget.best": ("best: {money}", "最佳：{money}"),
    "budget.both": ("planned, and best: {money}", "计划即最佳：{money}"),
    "budget.random": ("same money, random customers", "同样花费，随机选人"),
    "budget.caption": (
        "Expected profit by budget, as the plan's model sees it; the band is its {percent} interval.",
        "模型在计划时对各预算下利润的预期；色带为{percent}区间。",
    ),
    "budget.caption.grey": (
        "Expected profit by budget, as the plan's model sees it; the band is its {percent} interval, "
        "grey where it touches zero.",
        "模型在计划时对各预算下利润的预期；色带为{percent}区间，包含零处为灰色。",
    ),
    "groups.title": ("Who is in the audience", "受众里都是谁"),
    "groups.caption": (
        "Estimated by the model from past experiments: true for groups, not a promise about any one person.",
        "由模型根据以往实验估计：对群体成立，不是对任何个人的断言。",
    ),
    "group.persuadable": ("Persuadable", "可打动者"),
    "group.persuadable.says": ("buy because we ask", "因为我们触达才购买"),
    "group.sure_thing": ("Sure thing", "必买者"),
    "group.sure_thing.says": ("buy anyway: a coupon is a gift", "本来就会买：优惠券等于白送"),
    "group.lost_cause": ("Lost cause", "无望者"),
    "group.lost_cause.says": ("do not buy either way", "无论如何都不买"),
    "group.sleeping_dog": ("Sleeping dog", "勿扰者"),
    "group.sleeping_dog.says": ("leave when disturbed: never contact", "被打扰就离开：切勿触达"),
    "next.doubt": (
        "<b>Find out why it failed</b>: {checks}. Until then, plan nothing on these figures.",
        "<b>查清未通过的原因</b>：{checks}。在此之前，不要依据这些数字做计划。",
    ),
    "next.doubt.rerun": (
        "<b>Check the data</b> and measure again.",
        "<b>检查数据</b>，然后重新测量。",
    ),
    "next.keep": ("<b>Keep {offer}</b>: it earned money.", "<b>保留{offer}</b>：它赚了钱。"),
    "next.stop": ("<b>Stop {offer}</b>: it lost money.", "<b>停用{offer}</b>：它亏了钱。"),
    "next.test": (
        "<b>Do not decide on {offer} yet</b>: its interval touches zero. Leave it in the random slice, "
        "where it costs little and teaches most.",
        "<b>先不对{offer}下结论</b>：区间包含零。把它留在随机探索部分，花费少而收获大。",
    ),
    "next.budget": (
        "<b>Plan the next round</b> with a budget of about {money}, where expected profit is highest.",
        "<b>计划下一轮</b>，预算约{money}时预期利润最高。",
    ),
    "next.plan": ("<b>Plan the next round.</b>", "<b>计划下一轮。</b>"),
    "next.retrain": (
        "<b>Retrain</b>: this campaign's random rows now teach the model.",
        "<b>重新训练</b>：本次活动的随机样本可用于训练模型。",
    ),
    "next.retrain.failed": (
        "<b>Retrain before the next launch</b>: with this campaign's rows the model no longer passes its "
        "gate.",
        "<b>下次投放前重新训练</b>：加入本次活动的数据后，模型不再通过检验门槛。",
    ),
    "truth.row.profit": ("this campaign, truly", "本次活动（真实）"),
    "truth.inside": (
        "The truth lies inside the measured interval.",
        "真实值落在实测区间之内。",
    ),
    "truth.outside": (
        "The truth lies outside the measured interval; at {percent} confidence this happens now and then.",
        "真实值落在实测区间之外；在{percent}置信度下偶尔会发生。",
    ),
    "truth.row.oracle": ("the best that perfect knowledge allows", "全知情况下的最佳"),
    "truth.value": ("true expected profit", "真实期望利润"),
}
