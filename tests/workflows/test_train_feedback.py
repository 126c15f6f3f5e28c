"""Models of messages from training to scores, over the simulated project and over a flat table."""

import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from retention_lab.config.loading import read_project
from retention_lab.data.snapshot import snapshot
from retention_lab.errors import ConfigurationError, LabError
from retention_lab.feedback.themes import DEFAULT_THEMES, OTHER
from retention_lab.tracking.artifacts import read_artifact
from retention_lab.tracking.models import load_version
from retention_lab.tracking.search import find_runs
from retention_lab.workflows.evaluate import evaluate
from retention_lab.workflows.explain import explain
from retention_lab.workflows.feedback_report import FeedbackReport
from retention_lab.workflows.feedback_rows import local_months
from retention_lab.workflows.leaderboard import leaderboard
from retention_lab.workflows.project import Lab
from retention_lab.workflows.promote import PromotionRequest, promote
from retention_lab.workflows.scaffold import scaffold
from retention_lab.workflows.score import score
from retention_lab.workflows.score_tone import score_tone
from retention_lab.workflows.train import train
from retention_lab.workflows.triage_feedback import triage_feedback
from tests.feedback.shop_talk import Talk, shop_talk
from tests.workflows.conftest import silent
from tests.workflows.small_shops import small_shop

LATE = datetime(2026, 2, 1)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lab, FeedbackReport]:
    """The simulated project with the ready definition trained once, read and promoted."""
    lab, _ = small_shop(tmp_path_factory.mktemp("feedback") / "lab", customers=2_000)
    report = train(lab, "feedback", overrides=("models=[logistic, naive_bayes]",), say=silent)
    assert isinstance(report, FeedbackReport)
    assert promote(lab, PromotionRequest("feedback")).promoted
    score_tone(lab, "feedback@champion")
    return lab, report


@pytest.fixture
def flat(tmp_path: Path) -> Lab:
    """A project with a table of messages of its own."""
    scaffold(tmp_path / "lab")
    lab = Lab(read_project(tmp_path / "lab"))
    write_talk(lab, shop_talk(900))
    define(lab)
    return lab


def write_talk(lab: Lab, talk: Talk, name: str = "talk.parquet") -> None:
    table = pa.table(
        {
            "who": talk.customer,
            "words": talk.texts,
            "stars": np.where(talk.tone == 1, 5, 1),
            "about": pa.array([None if one == "positive" else one for one in talk.topic]),
        }
    )
    pq.write_table(table, lab.folder / name)


def define(lab: Lab, **keys: object) -> None:
    definition = {
        "kind": "feedback",
        "table": "talk.parquet",
        "text": "words",
        "customer": "who",
        "label": {"column": "stars", "positive": "5"},
        "models": ["logistic"],
        **keys,
    }
    (lab.folder / "experiments" / "talk.yaml").write_text(yaml.safe_dump(definition))


def test_a_training_is_tracked_and_the_winner_registered(trained: tuple[Lab, FeedbackReport]) -> None:
    lab, report = trained
    store = lab.open_store()
    runs = find_runs(store, "train/feedback", "attributes.status = 'FINISHED'")
    assert sorted(run.tags["lab.role"] for run in runs) == ["candidate", "candidate", "parent"]
    assert report.trusted
    assert report.metrics["auc"]["value"] > 0.9
    assert leaderboard(lab, "feedback")["winner"] == report.winner
    assert load_version(store, "feedback", "@champion").version == report.model_version


def test_the_label_comes_from_the_score_where_there_is_none(trained: tuple[Lab, FeedbackReport]) -> None:
    lab, report = trained
    rows = pq.read_table(lab.folder / "data" / "feedback.parquet")
    unlabelled = np.asarray(rows["label"].is_null())
    told = np.isin(rows["score"].to_numpy(zero_copy_only=False), [1, 2, 4, 5])
    assert report.labelled == int((~unlabelled | told).sum())


def test_nothing_that_is_kept_holds_a_message(trained: tuple[Lab, FeedbackReport]) -> None:
    lab, report = trained
    store = lab.open_store()
    run = next(one for one in find_runs(store, "train/feedback", "tags.`lab.role` = 'parent'"))
    kept = [read_artifact(store, run, name).decode() for name in ("result.json", "report.html")]
    kept += [data.decode("latin-1") for data in load_version(store, "feedback", "@champion").files.values()]
    kept.append((lab.folder / report.report).read_text(encoding="utf-8"))
    rows = pq.read_table(lab.folder / "data" / "feedback.parquet")
    texts = {text for text in rows["text"].to_pylist() if len(text) > 15}
    ids = set(rows["customer_id"].to_pylist())
    for text in kept:
        assert not [one for one in texts if one in text]
        assert not [one for one in ids if one in text]


def test_keywords_are_of_enough_customers(trained: tuple[Lab, FeedbackReport]) -> None:
    lab, report = trained
    rows = pq.read_table(lab.folder / "data" / "feedback.parquet")
    found = [word for words in report.keywords.values() for word in words]
    assert found
    for word in found:
        wrote = {
            customer
            for customer, text in zip(rows["customer_id"].to_pylist(), rows["text"].to_pylist(), strict=True)
            if all(part in text.lower() for part in word["term"].split())
        }
        assert 20 <= word["customers"] <= len(wrote)


def test_complaints_are_about_what_was_planted(trained: tuple[Lab, FeedbackReport]) -> None:
    _, report = trained
    assert {one["topic"] for one in report.topics} <= {*DEFAULT_THEMES, OTHER}
    shown = [one["customers"] for one in report.topics if one["customers"]]
    assert shown
    assert min(shown) >= 20


def test_a_version_is_judged_on_customers_it_has_not_seen(trained: tuple[Lab, FeedbackReport]) -> None:
    lab, _ = trained
    found = evaluate(lab, "feedback@champion", against="feedback/1").as_json()
    assert found["rows"] > 100
    assert found["rows_dropped_as_trained_on"] > found["rows"]
    assert found["against"]["difference"]["auc"]["value"] == 0


def test_the_champion_is_not_replaced_by_its_equal(trained: tuple[Lab, FeedbackReport]) -> None:
    lab, _ = trained
    again = train(lab, "feedback", overrides=("models=[logistic]",), say=silent).as_json()
    found = promote(lab, PromotionRequest("feedback", version=again["model_version"], dry_run=True))
    assert not found.passed
    assert {one["name"]: one["passed"] for one in found.gate}["log_loss.champion"] is False


def test_a_snapshot_has_the_tone_of_what_was_written_before(trained: tuple[Lab, FeedbackReport]) -> None:
    lab, _ = trained
    tones = pq.read_table(lab.folder / "data" / "feedback_tone.parquet").to_pylist()
    with lab.open_tables() as tables:
        at = lab.start_of(LATE)
        found = snapshot(tables, at, ["mean_tone", "complaints"]).to_pylist()
    cut = at.replace(tzinfo=None)
    for row in found[::37]:
        own = [one["tone"] for one in tones if one["customer_id"] == row["customer_id"] and one["at"] < cut]
        assert row["complaints"] == sum(tone < 0.5 for tone in own)
        assert row["mean_tone"] == (pytest.approx(np.mean(own), abs=1e-6) if own else None)


def test_a_customer_s_messages_are_explained_by_words_alone(trained: tuple[Lab, FeedbackReport]) -> None:
    lab, _ = trained
    rows = pq.read_table(lab.folder / "data" / "feedback.parquet")
    customer = rows["customer_id"].to_pylist()[0]
    found = explain(lab, "feedback@champion", customer).as_json()
    assert len(found["messages"]) == rows["customer_id"].to_pylist().count(customer)
    terms = set(load_version(lab.open_store(), "feedback", "@champion").model.vocabulary.terms)
    assert {word["term"] for one in found["messages"] for word in one["words"]} <= terms
    with pytest.raises(LabError, match="No customer of that id"):
        explain(lab, "feedback@champion", "nobody")


def test_drafts_are_written_for_a_person_and_nothing_is_tracked(
    trained: tuple[Lab, FeedbackReport], tmp_path: Path
) -> None:
    lab, _ = trained
    before = len(find_runs(lab.open_store(), "train/feedback", ""))
    report = triage_feedback(lab, "feedback@champion", out=tmp_path / "drafts.parquet", since=LATE)
    rows = pq.read_table(tmp_path / "drafts.parquet").to_pylist()
    assert len(rows) == report.messages == sum(one.messages for one in report.routes)
    assert all(one["at"] >= LATE for one in rows)
    assert [one["route"] for one in rows] == sorted(
        (one["route"] for one in rows), key=["complaint", "unread", "praise"].index
    )
    for one in rows:
        assert (one["draft"] is None) == (one["route"] == "unread")
        if one["draft"]:
            assert (one["language"] == "zh") == ("们" in one["draft"] or "您" in one["draft"])
    assert len(find_runs(lab.open_store(), "train/feedback", "")) == before


def test_only_what_was_written_before_a_date_is_learned(trained: tuple[Lab, FeedbackReport]) -> None:
    lab, report = trained
    overrides = ("models=[logistic]",)
    september = datetime(2025, 9, 1)
    early = train(lab, "feedback", as_of=september, overrides=overrides, register=False, say=silent).as_json()
    rows = pq.read_table(lab.folder / "data" / "feedback.parquet")
    written = np.asarray(rows["at"].to_numpy()) < np.datetime64("2025-09-01")
    assert early["messages"] <= written.sum() < report.messages
    assert early["model_version"] is None


def test_a_flat_table_is_trained_and_scored(flat: Lab, tmp_path: Path) -> None:
    report = train(flat, "talk", say=silent).as_json()
    assert report["metrics"]["accuracy"]["value"] > 0.9
    write_talk(flat, shop_talk(50, seed=5), "new.parquet")
    score(flat, "talk", table=flat.folder / "new.parquet", out=tmp_path / "s.parquet", id_column=None)
    found = pq.read_table(tmp_path / "s.parquet")
    assert found.column_names == ["id", "label", "probability", "topic"]
    assert found["id"].to_pylist() == shop_talk(50, seed=5).customer.tolist()
    assert set(found["label"].drop_null().to_pylist()) <= {"5", "1"}


def test_topics_that_people_gave_are_learned(flat: Lab) -> None:
    define(flat, topic="about")
    report = train(flat, "talk", say=silent).as_json()
    assert {"product", "service", "price", "competition"} <= {one["topic"] for one in report["topics"]}


def test_themes_of_one_s_own_name_the_topics(flat: Lab) -> None:
    define(flat, themes={"delivery": ["parcel*", "快递", "物流"], "money": ["expensive", "太贵", "budget"]})
    report = train(flat, "talk", say=silent).as_json()
    assert {one["topic"] for one in report["topics"]} <= {"delivery", "money", OTHER}


def test_a_flat_table_without_customers_holds_equal_messages_together(flat: Lab) -> None:
    define(flat, customer=None)
    train(flat, "talk", say=silent)
    found = evaluate(flat, "talk").as_json()
    texts = len(set(shop_talk(900).texts))
    assert found["rows"] < texts  # held out whole, however often each comes
    with pytest.raises(LabError, match="have no customers"):
        explain(flat, "talk", "c1")


def test_a_formula_in_a_message_is_not_run_by_a_spreadsheet(flat: Lab, tmp_path: Path) -> None:
    train(flat, "talk", say=silent)
    bad = pa.table(
        {"who": ["=1+1"], "words": ["=cmd|' disappointed, bad quality"], "stars": [1], "about": ["x"]}
    )
    pq.write_table(bad, flat.folder / "bad.parquet")
    triage_feedback(flat, "talk", out=tmp_path / "d.csv", table=flat.folder / "bad.parquet")
    text = (tmp_path / "d.csv").read_text()
    assert '"\'=1+1"' in text
    assert "\"'=cmd" in text


def test_a_date_says_nothing_of_a_flat_table(flat: Lab) -> None:
    with pytest.raises(ConfigurationError, match="one state"):
        train(flat, "talk", as_of=LATE, say=silent)


def test_the_project_s_snapshots_do_not_read_other_people_s_messages(flat: Lab) -> None:
    train(flat, "talk", say=silent)
    with pytest.raises(LabError, match="not the project's"):
        score_tone(flat, "talk")


def test_messages_without_a_known_tone_are_refused(flat: Lab) -> None:
    define(flat, label={"column": "stars", "positive": "7"})
    with pytest.raises(LabError, match="both tones are needed"):
        train(flat, "talk", say=silent)


def test_customers_names_never_become_terms(tmp_path: Path) -> None:
    lab, _ = small_shop(tmp_path / "lab", customers=2_000)
    path = lab.folder / "data" / "customers.parquet"
    customers = pq.read_table(path)
    names = pa.array(["Quality Excellent"] * customers.num_rows)  # words that the messages do have
    pq.write_table(customers.append_column("full_name", names), path)
    train(lab, "feedback", overrides=("models=[logistic]",), say=silent)
    terms = load_version(lab.open_store(), "feedback", "").model.vocabulary.terms
    assert "service" in terms
    assert not [term for term in terms if {"quality", "excellent"} & set(term.split())]


def test_months_are_those_of_the_project_s_zone() -> None:
    at = pa.chunked_array([pa.array([datetime(2026, 1, 31, 20)], pa.timestamp("us"))])
    assert local_months(at, "Asia/Shanghai").astype(str).tolist() == ["2026-02"]
    assert local_months(at, "America/New_York").astype(str).tolist() == ["2026-01"]


def test_the_documents_are_json(trained: tuple[Lab, FeedbackReport]) -> None:
    _, report = trained
    found = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert {"name", "kind", "winner", "run_id", "model_version", "checks", "candidates", "keywords"} <= set(
        found
    )
