"""Start everything that deploy/compose.yaml starts, without containers: `make rehearse`.

The commands and environments of the file, on a real PostgreSQL, the broker of this machine, and, where they
are on the PATH, a real server of the S3 protocol and Caddy (`caddy`); else a stand-in for the first, and no
proxy. At its end a table says what was tried and what was not.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from config.local_broker import start_redis
from config.local_stack import free_port
from tests.postgresql_server import postgresql_server
from tools.deployment.compose_file import DEPLOY, Service, services
from tools.deployment.processes import ROOT, RehearsalFailed, fetch, start, stop, wait_until
from tools.deployment.storage import start_storage

STARTED = ("web", "worker-cpu", "worker-io", "beat")
# Time-stamps come from an outside authority, and not every machine has a whole sandbox.
MAY_BE_MISSING = {"time_stamps", "sandbox"}


def main() -> int:
    """Rehearse, print the table, and return 0 when every part that was tried is ready."""
    folder = Path(tempfile.mkdtemp(prefix="likeness-rehearsal-"))
    try:
        with ExitStack() as stack:
            rows = rehearse(folder, stack)
    except RehearsalFailed as error:
        print(f"make rehearse: {error}; logs are in {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    for name, told in rows:
        print(f"{name:<12} {told}")
    return 0


def rehearse(folder: Path, stack: ExitStack) -> list[tuple[str, str]]:
    """Start every part in `folder`; what was tried. Raises RehearsalFailed."""
    rows = []
    variables = _new_environment("likeness.localhost", "operator@likeness.example")
    web_port = free_port(0)
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
    (folder / "data").mkdir(mode=0o700)
    command, environment = adapted(described["setup"])
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
    rows.append(("/readyz", f"ok but for what production brings: {', '.join(sorted(MAY_BE_MISSING))}"))
    token = {"Authorization": f"Bearer {variables['LIKENESS_METRICS_TOKEN']}"}
    if b"likeness_part_ok" not in fetch(f"{base}/metrics", {**headers, **token}):
        raise RehearsalFailed("/metrics gave no figures")
    rows.append(("/metrics", "figures for who has the token"))
    rows.append(("proxy", _try_proxy(folder, stack, web_port)))
    return rows


def _try_proxy(folder: Path, stack: ExitStack, web_port: int) -> str:
    caddy = shutil.which("caddy")
    if caddy is None:
        return "not tried: there is no `caddy` on the PATH"
    https = free_port(0)
    environment = {
        **os.environ,
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "caddy"),
        "LIKENESS_HOST": f"likeness.localhost:{https}",
        "LIKENESS_UPSTREAM": f"127.0.0.1:{web_port}",
    }
    # Its own authority for a name on localhost; port 80 and the system's store of authorities are left alone.
    options = (
        "{\n\tauto_https disable_redirects\n\tskip_install_trust\n\tadmin off\n\tdefault_bind 127.0.0.1\n}\n"
    )
    (folder / "Caddyfile").write_text(options + (DEPLOY / "Caddyfile").read_text())
    command = [caddy, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    stack.callback(stop, start(folder, "proxy", command, environment))

    def through() -> bool:
        done = subprocess.run(
            ["curl", "--silent", "--insecure", "--resolve", f"likeness.localhost:{https}:127.0.0.1",
             f"https://likeness.localhost:{https}/livez"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.stdout == '{"ok": true}'

    wait_until(through, "the proxy answers")
    return "TLS by Caddy, with its own certificate"


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
