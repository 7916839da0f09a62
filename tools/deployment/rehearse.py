"""Start everything that deploy/compose.yaml starts, without containers: `make rehearse`.

The commands and environments of the file, on a real PostgreSQL, the broker of this machine, and, where they
are on the PATH, a real server of the S3 protocol and Caddy (`caddy`); else a stand-in for the first, and no
proxy. Then somebody becomes a partner and makes the first video. At its end a table says what was tried and
what was not.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import requests

from config.local_broker import start_redis
from config.local_stack import free_port
from provenance.keys.key_creation import TIMESTAMP_CHAIN_FILE, TIMESTAMP_KEY_FILE
from provenance.manifest import development_ca
from tests.postgresql_server import postgresql_server
from tools.deployment.compose_file import DEPLOY, Service, services
from tools.deployment.first_video import make_first_video, start_mail_server
from tools.deployment.processes import ROOT, RehearsalFailed, fetch, start, stop, wait_until
from tools.deployment.storage import start_storage
from tools.visitor import VisitFailed

OPERATOR = "operator@likeness.example"
STARTED = ("web", "worker-cpu", "worker-io", "beat")
MAY_BE_MISSING = {"sandbox"}  # not every machine has a whole one


def main() -> int:
    """Rehearse, print the table, and return 0 when every part that was tried is ready."""
    folder = Path(tempfile.mkdtemp(prefix="likeness-rehearsal-"))
    try:
        with ExitStack() as stack:
            rows = rehearse(folder, stack)
    except (RehearsalFailed, VisitFailed) as error:
        print(f"make rehearse: {error}; logs are in {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    for name, told in rows:
        print(f"{name:<12} {told}")
    return 0


def rehearse(folder: Path, stack: ExitStack) -> list[tuple[str, str]]:
    """Start every part in `folder`; what was tried. Raises RehearsalFailed."""
    begun = time.monotonic()
    rows = []
    web_port, https, time_stamps = (free_port(0) for _ in range(3))
    variables = _new_environment("localhost", OPERATOR)
    mail = folder / "mail"
    variables["LIKENESS_SMTP_URL"] = f"smtp://127.0.0.1:{start_mail_server(mail, stack)}"
    variables["LIKENESS_TIMESTAMP_SERVERS"] = f"http://127.0.0.1:{time_stamps}/"
    database_url = stack.enter_context(postgresql_server())
    broker = start_redis(folder)
    stack.callback(stop, broker)
    rows.append(("postgres", "a real server"))
    rows.append(("valkey", "a real server"))
    storage = start_storage(folder, stack, variables["S3_SECRET_KEY"])
    rows.append(("storage", storage.told))

    def adapted(service: Service) -> tuple[list[str], dict[str, str]]:
        """Command and environment with the hosts of this machine instead of those of the containers."""
        listening = [part.replace("0.0.0.0:8000", f"127.0.0.1:{web_port}") for part in service.command]
        program, *rest = [part.replace("/tmp/", f"{folder}/") for part in listening]  # noqa: S108
        command = [sys.executable, *([] if program == "python" else ["-m", program]), *rest]
        places = {
            "DJANGO_SETTINGS_MODULE": "config.settings.base",
            "LIKENESS_BASE_URL": f"https://localhost:{https}",
            "LIKENESS_DATA_DIR": str(folder / "data"),
            "LIKENESS_DATABASE_URL": database_url,
            "LIKENESS_REDIS_URL": f"redis+socket://{folder / 'redis.sock'}",
            "LIKENESS_S3_ENDPOINT_URL": storage.url,
            "LIKENESS_S3_ACCESS_KEY": storage.access_key,
            "LIKENESS_LOG_MARK_CALLBACK": storage.mark_callback,
        }
        if "LIKENESS_SANDBOX" in os.environ:
            places["LIKENESS_SANDBOX"] = os.environ["LIKENESS_SANDBOX"]
        own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return command, {**own, **service.environment, **places, "OMP_NUM_THREADS": "1"}

    described = services(variables)
    command, environment = adapted(described["setup"])
    _start_time_stamps(folder, stack, time_stamps, environment)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RehearsalFailed(f"setup ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    print(done.stdout)
    again = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if again.returncode or "made " in again.stdout:
        raise RehearsalFailed(f"setup made something twice: {again.stdout}{again.stderr}")
    rows.append(("setup", "run twice; the second time it made nothing"))
    for name in STARTED:
        command, environment = adapted(described[name])
        process = start(folder, name, command, environment)
        stack.callback(stop, process)
        rows.append((name, "started by its own command"))
    headers = {"Host": variables["LIKENESS_HOST"], "X-Forwarded-Proto": "https"}
    base = f"http://127.0.0.1:{web_port}"
    wait_until(lambda: _is_ready(base, headers), "every part is ready")
    rows.append(
        ("/readyz", f"every part is ready, but for what this machine may lack: {', '.join(MAY_BE_MISSING)}")
    )
    token = {"Authorization": f"Bearer {variables['LIKENESS_METRICS_TOKEN']}"}
    if b"likeness_part_ok" not in fetch(f"{base}/metrics", {**headers, **token}):
        raise RehearsalFailed("/metrics gave no figures")
    rows.append(("/metrics", "figures for who has the token"))
    if shutil.which("caddy") is None:
        rows.append(("proxy", "not tried: there is no `caddy` on the PATH"))
        rows.append(("first video", "not tried: it goes through the proxy"))
        return rows
    authority = _start_proxy(folder, stack, https, web_port)
    rows.append(("proxy", "TLS by Caddy, with its own certificate"))
    verdict = make_first_video(
        f"https://localhost:{https}", operator=OPERATOR, mail=mail, authority=authority, folder=folder
    )
    if verdict != "ours_intact":
        raise RehearsalFailed(f"the first video is {verdict}")
    rows.append(("first video", f"verified, {time.monotonic() - begun:.0f} s after the beginning"))
    return rows


def _start_time_stamps(folder: Path, stack: ExitStack, port: int, environment: Mapping[str, str]) -> None:
    """Start what an outside authority does, and put its root where docs/deploy.md has it put."""
    files = development_ca.create_timestamp_authority()
    keys, authority = folder / "data" / "keys", folder / "authority"
    for made in (keys, authority):
        made.mkdir(parents=True, mode=0o700)
    (keys / "timestamp-anchors.pem").write_text(files.root_pem)
    (authority / TIMESTAMP_CHAIN_FILE).write_text(files.chain_pem)
    (authority / TIMESTAMP_KEY_FILE).write_text(files.key_pem)
    command = [sys.executable, "manage.py", "timestamp_server", "--port", str(port)]
    own = {**environment, "LIKENESS_KEYS_DIR": str(authority)}
    stack.callback(stop, start(folder, "time-stamps", command, own))


def _start_proxy(folder: Path, stack: ExitStack, https: int, web_port: int) -> Path:
    """Start the proxy, and wait until it answers; the root certificate of its own authority."""
    environment = {
        **os.environ,
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "caddy"),
        "LIKENESS_HOST": f"localhost:{https}",
        "LIKENESS_UPSTREAM": f"127.0.0.1:{web_port}",
    }
    # Its own authority for a name on localhost; port 80 and the system's store of authorities are left alone.
    # What is global stands in the first block of the file.
    options = "auto_https disable_redirects\n\tskip_install_trust\n\tadmin off\n\tdefault_bind 127.0.0.1\n"
    served = (DEPLOY / "Caddyfile").read_text().replace("{\n", f"{{\n\t{options}", 1)
    (folder / "Caddyfile").write_text(served)
    command = ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    stack.callback(stop, start(folder, "proxy", command, environment))
    authority = folder / "caddy" / "caddy" / "pki" / "authorities" / "local" / "root.crt"

    def answers() -> bool:
        livez = f"https://localhost:{https}/livez"
        return authority.exists() and requests.get(livez, verify=str(authority), timeout=20).ok

    wait_until(answers, "the proxy answers")
    return authority


def _new_environment(host: str, operator: str) -> dict[str, str]:
    printed = subprocess.run(
        [sys.executable, str(DEPLOY / "new_env.py"), host, operator],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = [line for line in printed.splitlines() if not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def _is_ready(base: str, headers: Mapping[str, str]) -> bool:
    health = json.loads(fetch(f"{base}/readyz", headers))
    return not {name for name, part in health["parts"].items() if not part["ok"]} - MAY_BE_MISSING


if __name__ == "__main__":
    sys.exit(main())
