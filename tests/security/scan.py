"""Runs a linter of the code, a fuzzer of every GET route and a web scanner, signed in as each of several people.

`python -m tests.security.scan --tools .venv-scan` prints what each found; it fails on a high finding or a server error.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from flask import Flask
from waitress.server import create_server

from matcher.people import Account
from matcher.service import Service
from matcher.settings import Settings
from tests.support.hash_encoder import HashEncoder
from tests.support.people import administrator, member
from web import create_app

ROOT = Path(__file__).parents[2]
CODE = ("index", "matcher", "web", "seed_data")
QUERIES = ("q", "field", "region", "maturity", "mode", "organisation_kind", "status", "sort", "page", "size", "state")
QUERIES += ("kind", "k", "waiting", "check", "need", "achievement", "next")
ENDING = ("/sign-out", "/account/leave", "/account/password", "/account/second-factor")
# What takes a GET apart, a minute's worth each; the rest of its modules look for other people's software.
MODULES = "crlf,exec,file,methods,permanentxss,redirect,shellshock,sql,ssrf,xss,xxe,upload,cookieflags,csp,http_headers"
UNLIMITED = 1_000_000_000


def serve(home: Path) -> tuple[Flask, Service, str]:
    """Return the service with the demo data, and the address where it answers."""
    settings = Settings(home=home, searches_per_minute=UNLIMITED, posts_per_hour=UNLIMITED)
    service = Service(settings, HashEncoder())
    service.seed("scan")
    app = create_app(service=service)
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    return app, service, f"http://127.0.0.1:{server.effective_port}"


def cookie_of(app: Flask, service: Service, account: Account | None) -> str:
    """Return the cookie of a new session of somebody."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    kept = {"account": service.signing_in.begin(account, "127.0.0.1", "scan")} if account else {}
    return f"matcher_session={serializer.dumps(kept)}"


def schema_of(app: Flask) -> dict[str, Any]:
    """Return all GET routes as OpenAPI, with every parameter that any list takes."""
    paths: dict[str, Any] = {}
    queries = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in QUERIES]
    for route in app.url_map.iter_rules():
        if "GET" not in (route.methods or ()) or route.rule.startswith(("/static", "/bootstrap", "/vendor")):
            continue
        typed = re.findall(r"<(?:(\w+):)?(\w+)>", route.rule)
        inside = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "integer" if kind == "int" else "string"}}
            for kind, name in typed
        ]
        address = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.rule)
        paths[address] = {"get": {"parameters": [*inside, *queries], "responses": {"default": {"description": ""}}}}
    return {"openapi": "3.0.3", "info": {"title": "matcher", "version": "1"}, "paths": paths}


def lint(tools: Path) -> bool:
    """Print what bandit finds in the code; return whether nothing of it is high."""
    run = subprocess.run([tools / "bandit/bin/bandit", "-q", "-r", *CODE, "-f", "json"], capture_output=True, cwd=ROOT)
    results = json.loads(run.stdout)["results"]
    counts = Counter((each["issue_severity"], each["test_id"], each["test_name"]) for each in results)
    print("bandit:", *(f"  {severity} {test} {name}: {n}" for (severity, test, name), n in counts.items()), sep="\n")
    return not any(each["issue_severity"] == "HIGH" for each in results)


def fuzz(tools: Path, schema: Path, address: str, who: str, cookie: str) -> bool:
    """Let schemathesis ask for every GET route with odd parameters; return whether none answered with a 5xx."""
    command = [
        tools / "schemathesis/bin/schemathesis",
        "run",
        schema,
        "--url",
        address,
        "--header",
        f"Cookie: {cookie}",
    ]
    command += ["--checks", "not_a_server_error", "--phases", "coverage,fuzzing", "--max-examples", "15"]
    run = subprocess.run([*command, "--seed", "20261125"], capture_output=True, text=True)
    lines = run.stdout.splitlines()
    found = [line.strip() for line in lines if re.search(r"Server error|Test cases|generated|passed|failed", line)]
    print(f"schemathesis as {who}: exit {run.returncode}", *(f"  {line}" for line in found), sep="\n")
    return run.returncode == 0


def attack(tools: Path, address: str, who: str, cookie: str, folder: Path) -> bool:
    """Let wapiti crawl and attack; return whether it found nothing high (its levels 3 and 4)."""
    report = folder / f"{who}.json"
    command = [tools / "wapiti3/bin/wapiti", "-u", f"{address}/", "-m", MODULES, "-H", f"Cookie: {cookie}"]
    command += ["-f", "json", "-o", report]
    command += [
        "--flush-session",
        "--no-bugreport",
        "-d",
        "3",
        "--max-files-per-dir",
        "8",
        "--max-links-per-page",
        "20",
    ]
    command += ["--max-scan-time", "120", "--max-attack-time", "45", "--verify-ssl", "0"]
    for ending in ENDING:
        command += ["-x", f"{address}{ending}"]
    subprocess.run(command, capture_output=True)
    told = json.loads(report.read_text())
    found = [(kind, each) for kind, items in told["vulnerabilities"].items() for each in items]
    print(f"wapiti as {who}: {told['infos'].get('crawled_pages_nbr')} pages crawled, {len(found)} findings")
    for kind, each in found:
        print(
            f"  level {each['level']} {kind}: {each['method']} {each['path']} {each['parameter']} {each['info'][:90]}"
        )
    return not any(each["level"] >= 3 for _, each in found)


def audit_dependencies(tools: Path) -> None:
    """Print what pip-audit says of the constraints; what it cannot look up counts as not run."""
    command = [tools / "pip-audit/bin/pip-audit", "-r", "constraints.txt", "--no-deps", "--disable-pip", "-f", "json"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    try:
        rows = json.loads(run.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        print("pip-audit: not run, its source cannot be reached")
        return
    skipped = sum("skip_reason" in row for row in rows)
    vulnerable = [row for row in rows if row.get("vulns")]
    print(f"pip-audit: {len(rows) - skipped} looked up, {skipped} not run, {len(vulnerable)} vulnerable")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", type=Path, required=True, help="folder with an environment for each tool")
    tools = parser.parse_args().tools.resolve()
    with tempfile.TemporaryDirectory() as folder:
        app, service, address = serve(Path(folder))
        schema = Path(folder) / "openapi.json"
        schema.write_text(json.dumps(schema_of(app)))
        firm = member(service, "firm", "青岚新能源科技有限公司", "enterprise", is_owner=True)
        people = {"visitor": None, "enterprise": firm, "administrator": administrator(service)}
        good = [lint(tools)]
        for who, account in people.items():
            good.append(fuzz(tools, schema, address, who, cookie_of(app, service, account)))
        good.append(attack(tools, address, "enterprise", cookie_of(app, service, firm), Path(folder)))
        audit_dependencies(tools)
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
