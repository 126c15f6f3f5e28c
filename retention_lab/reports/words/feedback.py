"""Texts of the page about customers' messages: (English, 简体中文)."""

TEXTS: dict[str, tuple[str, str]] = {
    "feedback.kicker": ("What customers say", "客户之声"),
    "feedback.title": ("{name}: what do customers say?", "{name}：客户说了什么？"),
    "feedback.messages": (
        "{messages} messages of {customers} customers",
        "{customers}位客户的{messages}条留言",
    ),
    "feedback.held_out": ("tested on {count} messages of others", "以其他客户的{count}条留言检验"),
    "feedback.verdict.better": (
        "It tells praise from complaints.",
        "它能分辨表扬与投诉。",
    ),
    "feedback.verdict.unsure": (
        "It is not clear that it tells praise from complaints.",
        "它能否分辨表扬与投诉尚不明确。",
    ),
    "feedback.range": (
        "of the messages of customers it had never read are judged rightly; between {low} and {high} with "
        "95% confidence",
        "从未读过的客户留言判断正确；95%置信区间为{low}至{high}",
    ),
    "feedback.beside": (
        "Against calling every message what most are: {value} (between {low} and {high}).",
        "与把所有留言都归为较多的一类相比：{value}（区间为{low}至{high}）。",
    ),
    "feedback.topics.title": ("What is it about?", "留言谈的是什么？"),
    "feedback.topics.caption": (
        "Below each topic, the words by which its messages differ from all others. A dot stands for fewer "
        "than {least} customers.",
        "每个主题下方是其留言区别于其他留言的词语。圆点表示不足{least}位客户。",
    ),
    "feedback.topic": ("topic", "主题"),
    "feedback.other": ("other", "其他"),
    "feedback.complaining": ("complaining customers", "投诉客户"),
    "feedback.praising": ("praising customers", "表扬客户"),
    "feedback.complaints": ("share of complaints", "投诉占比"),
    "feedback.months.complaint": ("What do they complain of, month by month?", "每月投诉什么？"),
    "feedback.months.praise": ("What do they praise, month by month?", "每月表扬什么？"),
    "feedback.months.caption": (
        "Messages; a dot stands for fewer than {least} customers. Who writes changes too: more messages need "
        "not mean more unhappy customers.",
        "留言条数；圆点表示不足{least}位客户。写留言的人也会变化：留言变多不一定意味着不满的客户变多。",
    ),
    "feedback.words.title": ("Which words tell praise from complaints?", "哪些词区分表扬与投诉？"),
    "feedback.word": ("word", "词语"),
    "feedback.side": ("commoner in", "更常见于"),
    "feedback.complaint": ("complaints", "投诉"),
    "feedback.praise": ("praise", "表扬"),
    "feedback.customers": ("customers", "客户数"),
    "feedback.limits.writers": (
        "It knows the customers who write. Those who leave in silence are not in it.",
        "它只了解留言的客户，默默离开的客户不在其中。",
    ),
    "feedback.limits.irony": (
        "It reads words, not meaning: irony, and words it has rarely seen, mislead it.",
        "它读的是词语而不是含义：反语和少见的词会误导它。",
    ),
    "feedback.limits.hidden": (
        "Words and counts of fewer than {least} customers are not shown and not kept.",
        "不足{least}位客户的词语和计数不显示也不保存。",
    ),
    "feedback.next.triage": (
        "<b>Draft answers</b> for a person to check and send.",
        "<b>草拟回复</b>，由人核对后发送。",
    ),
    "feedback.next.tone": (
        "<b>Let churn models read the tone</b>: it becomes a column of every customer.",
        "<b>让流失模型读取语气</b>：作为每位客户的一列特征。",
    ),
    "check.messages_read": ("Nearly all messages can be read", "几乎所有留言都能读懂"),
    "check.messages_differ": ("It was tested on messages in new words", "以新措辞的留言检验"),
    "check.topics_learned": ("Topics are recognised beyond their own words", "主题识别不限于自身词语"),
    "check.keywords_shown": ("Enough customers for words to be shown", "有足够客户可显示词语"),
}
