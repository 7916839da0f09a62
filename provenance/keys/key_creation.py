"""Creates the service's key files that are missing; nothing is ever overwritten."""

from __future__ import annotations

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from provenance.common.errors import CodedError
from provenance.keys.log_mark import log_mark_store
from provenance.keys.service_keys import SECRET_BYTES, log_signing_key
from provenance.log.keys import create_log_key
from provenance.log.mark import empty_mark
from provenance.manifest import development_ca
from provenance.manifest.key_files import write_new

DEVELOPMENT_CA_FOLDER = "development-ca"
TIMESTAMP_CHAIN_FILE, TIMESTAMP_KEY_FILE = "timestamp-chain.pem", "timestamp-key.pem"


class KeysIncomplete(CodedError):
    """Some key files are there and others, which belong to them, are not."""

    code = "keys_incomplete"
    status = 500
    message = "Some of the key files that belong together are missing."
    hint = "Put the missing file back from the backup; nothing was overwritten."


def create_missing_keys() -> list[Path]:
    """Create every key file that the settings name and that does not exist yet; return what was created.

    The signing chain and key come from a development authority in the keys folder; production puts its own
    chain, key and anchors in place first. Nothing is ever overwritten. Raises `KeysIncomplete` when a chain
    is there without its key, or the other way round, or when both are there from elsewhere but the anchors
    are not. On localhost a time-stamp authority for development comes with its anchors, unless those of
    others are there; in production an outside authority is needed.
    """
    folder = Path(settings.LIKENESS_KEYS_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _one_at_a_time(folder):
        made = _create_signing_files(folder) + _create_timestamp_files(folder)
        log_key = Path(settings.LIKENESS_LOG_KEY_FILE)
        if not log_key.exists():
            log_key.parent.mkdir(parents=True, exist_ok=True)
            create_log_key(log_key)
            made.append(log_key)
            # A mark that is there already belongs to a key that was lost: it stays, and the log stands still.
            log_mark_store().replace(None, empty_mark(log_signing_key()))
        for path in (Path(settings.LIKENESS_WATERMARK_KEY_FILE), Path(settings.LIKENESS_COMMITMENT_KEY_FILE)):
            if not path.exists():
                write_new(path, secrets.token_hex(SECRET_BYTES).encode() + b"\n", is_secret=True)
                made.append(path)
    return made


def _create_signing_files(folder: Path) -> list[Path]:
    chain, key, anchors = (
        Path(settings.LIKENESS_SIGNING_CHAIN_FILE),
        Path(settings.LIKENESS_SIGNING_KEY_FILE),
        Path(settings.LIKENESS_TRUST_ANCHORS_FILE),
    )
    authority_folder = folder / DEVELOPMENT_CA_FOLDER
    if settings.LIKENESS_SIGNING_CALLBACK:
        return []  # the key stays in its key service, and the chain and anchors come with it
    if chain.exists() != key.exists():
        raise KeysIncomplete(f"Of {chain.name} and {key.name} only one is there.")
    made = []
    if not chain.exists():
        authority = development_ca.create(authority_folder)
        if anchors.exists() and authority.root_pem not in anchors.read_text():
            raise KeysIncomplete(
                f"{anchors.name} holds anchors of your own, but {chain.name} and {key.name} are missing."
            )
        chain_pem, key_pem = authority.issue_leaf()
        write_new(key, key_pem.encode(), is_secret=True)
        write_new(chain, chain_pem.encode(), is_secret=False)
        made += [chain, key]
    if not anchors.exists():
        if not authority_folder.exists():
            raise KeysIncomplete(f"{chain.name} came from elsewhere: put its root into {anchors.name}.")
        write_new(anchors, development_ca.create(authority_folder).root_pem.encode(), is_secret=False)
        made.append(anchors)
    return made


def _create_timestamp_files(folder: Path) -> list[Path]:
    anchors = Path(settings.LIKENESS_TIMESTAMP_ANCHORS_FILE)
    if anchors.exists() or not settings.LIKENESS_ON_LOOPBACK:
        return []
    files = development_ca.create_timestamp_authority()
    made = [folder / TIMESTAMP_KEY_FILE, folder / TIMESTAMP_CHAIN_FILE, anchors]
    for path, text in zip(made, (files.key_pem, files.chain_pem, files.root_pem), strict=True):
        write_new(path, text.encode(), is_secret=path.name == TIMESTAMP_KEY_FILE)
    return made


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Two processes that start together must not make two halves of two different key pairs."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
