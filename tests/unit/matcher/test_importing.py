"""Imports: all or nothing by default, in whole chunks, again and again without harm."""

import json
from pathlib import Path
from typing import Any

import pytest

from matcher import importing
from matcher.errors import ModelMismatchError
from matcher.importing import ImportReport
from matcher.models import KINDS, Filters, Kind
from matcher.row_parsing import RowProblem
from matcher.service import Service
from tests.conftest import OpenService
from tests.support.hash_encoder import HashEncoder, StoppingEncoder
from tests.support.records import assert_consistent, counts, need, record

Rows = list[dict[str, Any]]


def write(path: Path, rows: Rows) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def rows() -> Rows:
    return [{"id": f"n{number}", "title": f"锂离子电池{number}", "organisation": "甲厂"} for number in range(10)]


@pytest.fixture
def file(tmp_path: Path, rows: Rows) -> Path:
    return write(tmp_path / "rows.jsonl", rows)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_become_published_records(service: Service, file: Path, kind: Kind) -> None:
    assert service.importing.import_file(kind, file, "李") == ImportReport(10, 0, 0, ())
    assert set(counts(service, kind).values()) == {10}
    assert_consistent(service)


def test_the_same_file_again_changes_nothing(service: Service, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service.importing.import_file("need", file, "李")
    before = service.store.db.execute("select max(id) from revision").fetchone()
    monkeypatch.setattr(HashEncoder, "encode", None)
    assert service.importing.import_file("need", file, "李") == ImportReport(0, 0, 10, ())
    assert service.store.db.execute("select max(id) from revision").fetchone() == before


def test_a_known_id_updates_and_keeps_number_and_status(service: Service, file: Path, rows: Rows) -> None:
    service.importing.import_file("need", file, "李")
    second = service.postings.find("need", "n2")
    service.postings.change_status("need", second.id, "closed", "李")
    rows[2]["title"], rows[3]["description"] = "木材防霉", "新的描述"
    assert service.importing.import_file("need", write(file, rows), "李") == ImportReport(0, 2, 8, ())
    found = service.postings.find("need", "n2")
    assert (found.id, found.title, found.status) == (second.id, "木材防霉", "closed")
    assert set(counts(service, "need").values()) == {9}
    assert_consistent(service)


def test_rows_without_an_id_are_added_each_time(service: Service, tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", [{"title": "同一条"}, {"title": "同一条"}])
    for _ in range(2):
        assert service.importing.import_file("need", path, "李") == ImportReport(2, 0, 0, ())


def test_a_bad_row_keeps_all_out(service: Service, file: Path, rows: Rows) -> None:
    rows[4]["maturity"] = "很成熟"
    rows[8]["title"] = ""
    report = service.importing.import_file("need", write(file, rows), "李")
    assert (report.added, [(each.line, each.field) for each in report.problems]) == (0, [(5, "maturity"), (9, "title")])
    assert service.postings.count("need", Filters(status="")) == 0


def test_good_rows_are_kept_when_asked(service: Service, file: Path, rows: Rows) -> None:
    rows[4]["maturity"] = "很成熟"
    report = service.importing.import_file("need", write(file, rows), "李", keep_good=True)
    assert (report.added, len(report.problems)) == (9, 1)
    assert set(counts(service, "need").values()) == {9}


def test_an_id_stands_in_one_row_only(service: Service, file: Path, rows: Rows) -> None:
    rows[7]["id"] = "n2"
    report = service.importing.import_file("need", write(file, rows), "李")
    assert report == ImportReport(0, 0, 0, (RowProblem(8, "id", "n2", "与第 3 行编号相同，请删去其中一行"),))


def test_progress_runs_up_to_the_number_of_rows(service: Service, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "_CHUNK", 4)
    seen: list[tuple[int, int]] = []
    service.importing.import_file("need", file, "李", progress=lambda *step: seen.append(step))
    assert seen == sorted(seen)
    assert seen[-1] == (10, 10)
    assert {total for _, total in seen} == {10}
    seen.clear()
    service.importing.import_file("need", file, "李", progress=lambda *step: seen.append(step))
    assert seen == [(4, 10), (8, 10), (10, 10)]


def test_an_interruption_leaves_whole_chunks_and_the_next_import_goes_on(
    open_service: OpenService, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_CHUNK", 4)
    service = open_service(StoppingEncoder())
    with pytest.raises(KeyboardInterrupt):
        service.importing.import_file("need", file, "李")
    assert set(counts(service, "need").values()) == {8}
    assert_consistent(service)
    again = open_service()
    assert again.importing.import_file("need", file, "李") == ImportReport(2, 0, 8, ())
    assert_consistent(again)


def test_what_changes_while_texts_are_encoded_is_respected(
    open_service: OpenService, file: Path, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, other = open_service(), open_service()
    service.importing.import_file("need", file, "李")
    prepare = service.engine.prepare

    def prepare_while_another_works(*given: Any) -> Any:
        found = prepare(*given)
        monkeypatch.undo()
        other.postings.change_status("need", other.postings.find("need", "n1").id, "closed", "王")
        other.postings.delete("need", other.postings.find("need", "n2").id, "王")
        other.postings.post(need("别人的", external_id="new"), "王")
        edited = other.postings.find("need", "n3")
        other.postings.edit(need("别人改的", external_id="n3", id=edited.id), "王")
        return found

    monkeypatch.setattr(service.engine, "prepare", prepare_while_another_works)
    # Other budgets only: no text is encoded but that of the new row.
    changed = [row | {"budget_yuan": 5} for row in [*rows, {"id": "new", "title": "我的"}]]
    service.importing.import_file("need", write(file, changed), "李")
    status = {name: service.postings.find("need", name).status for name in ("n1", "n2", "new")}
    assert status == {"n1": "closed", "n2": "published", "new": "published"}
    titles = [service.postings.find("need", name).title for name in ("n2", "n3", "new")]
    assert titles == ["锂离子电池2", "锂离子电池3", "我的"]
    assert set(counts(service, "need").values()) == {10}
    assert_consistent(service)
    for name in ("n2", "n3", "new"):
        record_now = service.postings.find("need", name)
        ((found, _),) = service.matching.search("need", record_now.title, k=1)
        assert found.id == record_now.id


def test_another_model_is_refused_before_anything_is_stored(open_service: OpenService, file: Path) -> None:
    service = open_service()
    service.postings.post(record("need"), "李")
    with pytest.raises(ModelMismatchError, match="matcher reindex"):
        open_service(HashEncoder("other@1")).importing.import_file("need", file, "李")
    assert service.postings.count("need", Filters()) == 1
