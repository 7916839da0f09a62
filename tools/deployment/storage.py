"""Starts a server of the S3 protocol: a real one where there is one on the PATH, else a stand-in.

SeaweedFS (`weed`), or OpenStack Swift (`swift-proxy-server` and its three servers, as Debian's packages
swift-proxy, swift-account, swift-container and swift-object bring them, with its S3 middleware, and
`memcached`), else moto.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from config.local_stack import free_port
from tools.deployment.processes import answers, start, stop, wait_until

ACCOUNT, USER = "likeness", "storage"
ACCESS_KEY = f"{ACCOUNT}:{USER}"  # as Swift has it: account and user
# Swift reads one file from /etc; it has no option for another place, but a function.
_SWIFT = (
    "import sys; from swift.common import utils; utils.set_swift_dir(sys.argv[1]); "
    "from swift.common.wsgi import run_wsgi; sys.exit(run_wsgi(sys.argv[2], sys.argv[3]))"
)
_PIPELINE = (
    "catch_errors gatekeeper healthcheck cache listing_formats s3api tempauth copy slo dlo versioned_writes "
    "symlink proxy-server"
)
_AS_THEY_COME = (
    "catch_errors", "gatekeeper", "healthcheck", "listing_formats", "copy", "slo", "dlo", "symlink",
)  # fmt: skip
_PARTS = ("account", "container", "object")


@dataclass(frozen=True)
class Storage:
    """A server of the S3 protocol that answers at `url`; `told` says which, for tables.

    `mark_callback` is the setting for a service whose high-water mark it is to keep, as far as it can: one
    without conditional writes cannot, and what is rehearsed on one machine keeps it in a file there.
    """

    url: str
    told: str
    access_key: str
    secret_key: str
    mark_callback: str


def start_storage(folder: Path, servers: ExitStack, secret: str) -> Storage:
    """Start a server on loopback that keeps its objects in `folder` and ends with `servers`.

    Raises RehearsalFailed when it does not answer.
    """
    mark = "provenance.services.object_store_mark.mark_in_media_bucket"
    port = free_port(0)
    url = f"http://127.0.0.1:{port}"
    if shutil.which("weed"):
        _start_seaweedfs(folder, servers, port, secret)
        told = "a real server (SeaweedFS)"
    elif shutil.which("swift-proxy-server") and shutil.which("memcached"):
        _start_swift(folder / "swift", servers, port, secret)
        told = "a real server (OpenStack Swift); it has no conditional writes, so the mark is in a file"
        mark = "provenance.keys.log_mark.file_mark_store"
    else:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        servers.callback(stop, start(folder, "storage", command, os.environ))
        told = "a stand-in: neither `weed` nor `swift-proxy-server` with `memcached` is on the PATH"
    wait_until(lambda: answers(f"{url}/"), "the storage answers")
    return Storage(url, told, ACCESS_KEY, secret, mark)


def _start_seaweedfs(folder: Path, servers: ExitStack, port: int, secret: str) -> None:
    identities = {
        "name": "likeness",
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": secret}],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identities]}))
    (folder / "objects").mkdir()
    ports = {name: free_port(0) for name in ("master", "volume", "filer")}
    # Its other ports are these and ten thousand more.
    command = ["weed", "server", f"-dir={folder / 'objects'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3"]
    command += [f"-s3.port={port}", f"-s3.config={folder / 's3.json'}", "-master.volumeSizeLimitMB=64"]
    command += [f"-{name}.port={number % 40_000 + 10_000}" for name, number in ports.items()]
    servers.callback(stop, start(folder, "storage", command, os.environ))


def _start_swift(folder: Path, servers: ExitStack, port: int, secret: str) -> None:
    (folder / "devices" / "disk").mkdir(parents=True)
    (folder / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = likeness\n")
    user = pwd.getpwuid(os.geteuid()).pw_name
    cache = free_port(0)
    command = ["memcached", "-l", "127.0.0.1", "-p", str(cache), "-U", "0", "-u", user]
    servers.callback(stop, start(folder, "cache", command, os.environ))
    common = {
        "bind_ip": "127.0.0.1",
        "workers": "0",
        "swift_dir": str(folder),
        "user": user,
        "devices": str(folder / "devices"),
        "mount_check": "false",
        "log_statsd_host": "",
    }
    ports = {part: free_port(0) for part in _PARTS}
    for part, its_port in ports.items():
        _write_ring(folder, part, its_port)
        recon = {"recon_cache_path": str(folder)}
        app = {"use": f"egg:swift#{part}", **recon}
        sections = {"DEFAULT": {**common, "bind_port": str(its_port)}, f"app:{part}-server": app}
        _run_swift(folder, servers, f"{part}-server", sections, f"{part}-server")
    proxy = {
        "DEFAULT": {**common, "bind_port": str(port)},
        **{
            f"filter:{name}": {"use": f"egg:swift#{name}"}
            for name in (
                "catch_errors",
                "gatekeeper",
                "healthcheck",
                "listing_formats",
                "copy",
                "slo",
                "dlo",
                "symlink",
            )
        },
        "filter:cache": {"use": "egg:swift#memcache", "memcache_servers": f"127.0.0.1:{cache}"},
        "filter:s3api": {"use": "egg:swift#s3api", "location": "us-east-1", "s3_acl": "false"},
        "filter:tempauth": {"use": "egg:swift#tempauth", f"user_{ACCOUNT}_{USER}": f"{secret} .admin"},
        "filter:versioned_writes": {
            "use": "egg:swift#versioned_writes",
            "allow_versioned_writes": "true",
            "allow_object_versioning": "true",
        },
        "app:proxy-server": {
            "use": "egg:swift#proxy",
            "account_autocreate": "true",
            "allow_account_management": "true",
        },
    }
    _run_swift(folder, servers, "proxy-server", proxy, _PIPELINE)


def _run_swift(
    folder: Path, servers: ExitStack, name: str, sections: dict[str, dict[str, str]], pipeline: str
) -> None:
    lines = []
    for title, values in {**sections, "pipeline:main": {"pipeline": pipeline}}.items():
        lines += [f"[{title}]", *(f"{key} = {value}" for key, value in values.items()), ""]
    path = folder / f"{name}.conf"
    path.write_text("\n".join(lines))
    command = ["/usr/bin/python3", "-c", _SWIFT, str(folder), str(path), name]
    servers.callback(stop, start(folder, name, command, os.environ))


def _write_ring(folder: Path, part: str, port: int) -> None:
    builder = str(folder / f"{part}.builder")
    for words in (
        ("create", "4", "1", "1"),
        ("add", f"r1z1-127.0.0.1:{port}/disk", "1"),
        ("rebalance",),
    ):
        made = start(folder, "rings", ["swift-ring-builder", builder, *words], os.environ)
        if made.wait():
            raise RuntimeError(f"swift-ring-builder {words[0]}: see {folder / 'rings.log'}")
