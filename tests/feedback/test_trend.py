import numpy as np

from retention_lab.feedback.trend import topic_counts, topic_months


def test_few_customers_are_hidden_and_none_is_said() -> None:
    topic = np.array(["price"] * 5 + ["service"] * 2)
    complaint = np.ones(7, dtype=np.bool_)
    found = {(one.topic, one.side): one for one in topic_counts(topic, complaint, np.arange(7), 3)}
    assert (found["price", "complaint"].customers, found["price", "complaint"].messages) == (5, 5)
    assert found["service", "complaint"].customers is None
    assert found["service", "complaint"].messages is None
    assert found["service", "praise"].customers == 0


def test_one_customer_s_many_messages_stay_hidden() -> None:
    customer = np.array(["one"] * 50)
    found = topic_counts(np.array(["price"] * 50), np.ones(50, dtype=np.bool_), customer, 2)
    assert {one.messages for one in found if one.side == "complaint"} == {None}


def test_months_without_a_message_are_there_too() -> None:
    month = np.array(["2026-01", "2026-03"], dtype="datetime64[M]")
    found = topic_months(np.array(["a", "a"]), np.array([True, True]), np.array(["x", "y"]), month, 1)
    complaints = [(one.month, one.messages) for one in found if one.side == "complaint"]
    assert complaints == [("2026-01", 1), ("2026-02", 0), ("2026-03", 1)]
    assert topic_months(np.array([]), np.array([], dtype=bool), np.array([]), month[:0], 1) == ()
