"""Uploads cut off by kill -9, and forms and lists opened by LibreOffice."""

import hashlib
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from matcher.attachments import Attachments
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import Store
from tests.support.agreements import FULL
from tests.support.examples import WOOD_NEED

ROOT = Path(__file__).parents[2]
SOFFICE = shutil.which("soffice")

pytestmark = pytest.mark.slow
libreoffice = pytest.mark.skipif(
    SOFFICE is None, reason="LibreOffice is missing: apt-get install libreoffice-writer-nogui"
)


def test_an_upload_that_is_killed_leaves_no_row_without_its_file(home: Path) -> None:
    """Three times, at any point; what lies there without a row is swept."""
    settings = Settings(home=home)
    for _ in range(3):
        command = [sys.executable, "-m", "tests.support.add_files", str(home)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout is not None and process.stdout.readline()
        time.sleep(random.uniform(0, 0.05))
        process.kill()
        process.communicate()
    store = Store(settings.database_path)
    attachments = Attachments(store, settings)
    rows = store.db.execute("select public_id, sha256, stored_name from attachment").fetchall()
    assert len(rows) >= 3
    for public_id, digest, _ in rows:
        with attachments.read(public_id, "测试")[1] as content:
            assert hashlib.sha256(content.read()).hexdigest() == digest
    for path in settings.files_dir.iterdir():
        os.utime(path, (0, 0))
    attachments.sweep()
    assert {path.name for path in settings.files_dir.iterdir()} == {row[2] for row in rows}
    store.close()


def opened(file: bytes, name: str, into: str, folder: Path) -> bytes:
    """Return what LibreOffice makes of a file."""
    (folder / name).write_bytes(file)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [str(SOFFICE), profile, "--headless", "--convert-to", into, "--outdir", str(folder / "out"), name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    [made] = (folder / "out").iterdir()
    assert done.returncode == 0, done.stderr
    return made.read_bytes()


@libreoffice
def test_libreoffice_opens_a_sheet(client: FlaskClient, tmp_path: Path) -> None:
    file = client.get("/needs/1/sheet").data
    said = opened(file, "need.docx", "txt:Text (encoded):UTF8", tmp_path).decode()
    for text in (WOOD_NEED.title, "三五天就起黑点", "处理成本≤35元/m³", "2027年4月30日", "50.5 万元"):
        assert text in said, text


@libreoffice
def test_libreoffice_opens_the_filing_form(client: FlaskClient, service: Service, tmp_path: Path) -> None:
    service.cooperations.record(FULL, "测试")
    said = opened(client.get("/cooperations/1/form").data, "form.docx", "txt:Text (encoded):UTF8", tmp_path).decode()
    for text in (
        FULL.title,
        *(each.name for each in FULL.parties),
        FULL.registration_number,
        "证明材料：受理通知书",
        "（盖章）",
    ):
        assert text in said, text


@libreoffice
def test_libreoffice_opens_the_data_of_a_contract(client: FlaskClient, service: Service, tmp_path: Path) -> None:
    service.cooperations.record(FULL, "测试")
    file = client.get("/cooperations/1/contract").data
    said = opened(file, "contract.xlsx", "csv:Text - txt - csv (StarCalc):44,34,76,1", tmp_path).decode()
    assert FULL.registration_number in said and "2026-11-22" in said and FULL.ip_ownership in said


@libreoffice
def test_libreoffice_opens_a_list(client: FlaskClient, service: Service, tmp_path: Path) -> None:
    file = client.get("/needs/export?file=xlsx").data
    said = opened(file, "needs.xlsx", "csv:Text - txt - csv (StarCalc):44,34,76,1", tmp_path).decode()
    assert WOOD_NEED.title in said and "2027-04-30" in said and "50.5" in said
