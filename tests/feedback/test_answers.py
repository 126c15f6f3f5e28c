import math

from retention_lab.feedback.answers import filled, routed

ANSWERS = {
    "complaint": {
        "service": {"en": "Sorry, {customer_id}.", "zh": "抱歉。"},
        "other": {"en": "We look into {topic}."},
    },
    "praise": {},
}


def test_a_complaint_gets_its_topic_s_answer_in_its_language() -> None:
    found = routed("Nobody answers my mails", 0.1, "service", "c7", ANSWERS)
    assert (found.language, found.route, found.topic, found.draft) == (
        "en", "complaint", "service", "Sorry, c7.",
    )  # fmt: skip
    assert routed("物流太慢", 0.1, "service", "c7", ANSWERS).draft == "抱歉。"


def test_a_topic_without_an_answer_gets_the_one_for_others() -> None:
    assert routed("Too expensive", 0.2, "price", "c7", ANSWERS).draft == "We look into price."


def test_what_no_answer_fits_has_no_draft() -> None:
    assert routed("Great", 0.9, "service", "c7", ANSWERS).draft is None
    assert routed("太贵", 0.1, "price", "c7", ANSWERS).draft is None
    assert routed("Слишком дорого", 0.1, "price", "c7", ANSWERS).draft is None


def test_what_could_not_be_read_is_for_a_person() -> None:
    found = routed(None, math.nan, None, "c7", ANSWERS)
    assert (found.route, found.topic, found.draft) == ("unread", None, None)


def test_what_is_filled_in_is_never_read_as_a_placeholder() -> None:
    assert (
        filled("{customer_id} {unknown} {", {"customer_id": "{topic}", "topic": "x"}) == "{topic} {unknown} {"
    )
