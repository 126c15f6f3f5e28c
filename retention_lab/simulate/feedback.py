"""What customers write, in English and Chinese: tone follows satisfaction, complaints the reason to leave."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Ints
from retention_lab.simulate.calendar import Window, draw_times
from retention_lab.simulate.orders import Orders
from retention_lab.simulate.state import FADING, State
from retention_lab.simulate.world import World

AFTER_ORDER, WHILE_FADING = 0.05, 0.07  # probability of writing, per order and per 30 days
TONES = ("positive", "neutral", "negative")

# (language, topic) -> openings, cores, endings; topics: positive, neutral, then the reasons of leaving
_TEXTS: dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    ("en", "positive"): (
        ("Very happy.", "Great shop!", "Lovely experience.", "Once again perfect.", "Good as always."),
        (
            "The quality is excellent",
            "It arrived a day early",
            "Exactly as described",
            "Friendly and quick service",
            "Well packed and just what I wanted",
        ),
        (", will order again.", ", thank you!", ", I told my friends.", "."),
    ),
    ("en", "neutral"): (
        ("It is all right.", "Fine so far.", "As expected.", "Okay overall."),
        (
            "Delivery took a few days",
            "The colour is a little different",
            "Does what it should",
            "Nothing special",
        ),
        (", no complaints.", ", might come back.", ".", ", let us see how it lasts."),
    ),
    ("en", "product"): (
        ("Disappointed.", "Not what I hoped for.", "I expected better.", "Sadly a bad buy."),
        (
            "It broke after a week",
            "The material feels cheap",
            "The size is wrong and it looks worn",
            "The quality has gone down",
        ),
        (", I want my money back.", ", not again.", ".", " and does not match the photos."),
    ),
    ("en", "service"): (
        ("Annoying.", "Very poor service.", "I am upset.", "Still waiting."),
        (
            "Nobody answers my mails",
            "The parcel came two weeks late",
            "The hotline kept me waiting for an hour",
            "My return was never refunded",
        ),
        (", that was my last order.", ".", ", please fix this.", " and nobody apologised."),
    ),
    ("en", "price"): (
        ("Too expensive.", "Not worth it.", "Prices went up again.", "Hm, pricey."),
        (
            "I paid far too much for this",
            "Shipping alone costs a fortune",
            "Without a discount I will not buy",
            "It was cheaper last month",
        ),
        (", sorry.", ".", ", I will wait for a sale.", " and my budget is tight."),
    ),
    ("en", "competition"): (
        ("I found another shop.", "Others do it better.", "Moving on.", "Comparing shops."),
        (
            "A competitor delivers next day",
            "The same thing is available elsewhere for less",
            "Another shop has more choice",
            "Their app is simply better than yours",
        ),
        (", so I switched.", ".", ", goodbye.", " and returns are free there."),
    ),
    ("zh", "positive"): (
        ("非常满意。", "很喜欢这家店！", "体验很好。", "一如既往地好。"),
        ("质量非常好", "发货很快,提前一天到", "和描述完全一致", "客服态度热情", "包装很用心"),
        (",下次还会买。", ",谢谢！", ",已经推荐给朋友了。", "。"),
    ),
    ("zh", "neutral"): (
        ("还可以。", "一般般。", "和预期差不多。", "总体过得去。"),
        ("物流用了几天", "颜色和图片略有不同", "功能够用", "没有特别的亮点"),
        (",没什么可抱怨的。", ",再看看吧。", "。", ",以后可能还会来。"),
    ),
    ("zh", "product"): (
        ("很失望。", "不如预期。", "买亏了。"),
        ("用了一周就坏了", "材质很廉价", "尺码不对,看起来像旧的", "质量越来越差"),
        (",要求退款。", ",不会再买。", "。", ",和照片不符。"),
    ),
    ("zh", "service"): (
        ("服务太差。", "很生气。", "还在等。"),
        ("发邮件没人回复", "快递晚到了两周", "客服电话等了一个小时", "退货一直没有退款"),
        (",这是最后一次下单。", "。", ",请尽快处理。", ",也没有人道歉。"),
    ),
    ("zh", "price"): (
        ("太贵了。", "不值这个价。", "又涨价了。"),
        ("这个价格买贵了", "光运费就很高", "没有优惠就不买了", "上个月还便宜一些"),
        (",算了。", "。", ",等打折再说。", ",预算有限。"),
    ),
    ("zh", "competition"): (
        ("换了另一家店。", "别家做得更好。", "不再来了。"),
        ("别家第二天就送到", "同样的东西别处更便宜", "另一家选择更多", "他们的应用更好用"),
        (",所以换了。", "。", ",再见。", ",而且退货免费。"),
    ),
}
_TOPICS = ("positive", "neutral", "product", "service", "price", "competition")


@dataclass(frozen=True, slots=True)
class Feedback:
    """One row per message: customer index, moment, tone 0..2, topic 0..5, Chinese 0 or 1, score 1..5."""

    customer: Ints
    at: Ints
    tone: Ints
    topic: Ints
    chinese: Ints
    score: Ints


def write_feedback(
    world: World, state: State, window: Window, orders: Orders, rng: np.random.Generator
) -> Feedback:
    """Who writes after an order, and who complains while fading away."""
    people = world.people
    after = np.flatnonzero(rng.random(len(orders.at)) < AFTER_ORDER)
    fading = np.flatnonzero(
        (state.phase == FADING) & (rng.random(len(people)) < WHILE_FADING * window.days / 30)
    )
    customer = np.concatenate([orders.customer[after], fading])
    wait = rng.integers(3600, 86_400, len(after)) * 1_000_000
    at = np.concatenate([orders.at[after] + wait, draw_times(window, len(fading), rng)])
    inside = at < window.end
    customer, at = customer[inside], at[inside]
    mood = people.satisfaction[customer] - 0.3 * (state.phase[customer] == FADING)
    mood = mood + 0.18 * rng.standard_normal(len(customer))
    tone = np.where(mood > 0.62, 0, np.where(mood > 0.42, 1, 2))
    topic = np.where(tone == 2, 2 + people.reason[customer], tone)
    score = np.clip(np.round(1 + 4.6 * np.clip(mood, 0, 0.92)), 1, 5).astype(np.int64)
    return Feedback(customer, at, tone, topic, people.chinese[customer].astype(np.int64), score)


def feedback_texts(feedback: Feedback, rng: np.random.Generator) -> pa.Array:
    """A text for each message, from all combinations of its language's and topic's parts."""
    pool, start = _pool()
    kind = feedback.chinese * len(_TOPICS) + feedback.topic
    first, count = start[kind], start[kind + 1] - start[kind]
    return pool.take(pa.array(first + np.floor(rng.random(len(kind)) * count).astype(np.int64)))


def _pool() -> tuple[pa.Array, Ints]:
    texts: list[str] = []
    start = [0]
    for language, topic in product(("en", "zh"), _TOPICS):
        openings, cores, endings = _TEXTS[(language, topic)]
        gap = " " if language == "en" else ""
        texts += [f"{a}{gap}{b}{c}" for a, b, c in product(openings, cores, endings)]
        texts += [f"{b}{c}" for b, c in product(cores, endings)]
        start.append(len(texts))
    return pa.array(texts, pa.string()), np.array(start)
