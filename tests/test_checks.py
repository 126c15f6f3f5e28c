import json

from retention_lab.checks import check, hard_failures


def test_a_check_is_printed_key_by_key_in_one_order() -> None:
    found = check("sample_ratio", "hard", True, 0.41, 0.001, "As planned.")
    assert json.dumps(found) == (
        '{"name": "sample_ratio", "severity": "hard", "passed": true, "value": 0.41, "threshold": 0.001, '
        '"detail": "As planned."}'
    )


def test_a_check_without_a_number_says_null() -> None:
    found = check("tables", "soft", None, detail="No tables yet.")
    assert (found["value"], found["threshold"], found["detail"]) == (None, None, "No tables yet.")


def test_only_hard_checks_that_were_made_and_failed_refuse() -> None:
    checks = [
        check("passed", "hard", True),
        check("failed first", "hard", False),
        check("could not be asked", "hard", None),
        check("failed softly", "soft", False),
        check("failed second", "hard", False),
    ]
    assert hard_failures(checks) == ["failed first", "failed second"]
    assert hard_failures([]) == []
