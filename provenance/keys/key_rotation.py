"""Rotates the signing key or certificate while workers sign, after checking the new one."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from django.conf import settings
from django.utils import timezone

from provenance.common.errors import CodedError
from provenance.keys.key_creation import DEVELOPMENT_CA_FOLDER, KeysIncomplete
from provenance.keys.key_service import KeyServiceUnavailable, matches_certificate, signing_function
from provenance.keys.service_keys import trust_store
from provenance.manifest import development_ca
from provenance.manifest.signing import SigningIdentity, SigningKeyUnusable


class KeyIsElsewhere(CodedError):
    """A key was to be issued or put into place, while a key service signs."""

    code = "key_is_elsewhere"
    status = 409
    message = "The signing key is in a key service, so no certificate is issued here."
    hint = "Have your authority certify the service's public key, and give the new chain alone with --chain."


def rotate_signing_key(*, chain: Path | None = None, key: Path | None = None) -> str:
    """Put a new chain and key into the places that the settings name; the serial of the new certificate.

    Without files, the development authority issues a certificate. Where a key service signs, the chain comes
    alone. Before anything is replaced, chain and key must belong together, be valid now and lead to a root
    among our own anchors, so that nothing is signed that would not verify. Videos that were signed before
    stay valid: their chain is inside them, and the anchors stay. Raises `SigningKeyUnusable`,
    `KeysIncomplete`, `KeyIsElsewhere` or `KeyServiceUnavailable`.
    """
    if settings.LIKENESS_SIGNING_CALLBACK:
        return _rotate_certificate(chain, key)
    if (chain is None) != (key is None):
        raise KeysIncomplete("A chain comes with its key.")
    chain_pem, key_pem = _read_pair(chain, key) if chain and key else _issue_pair()
    new = SigningIdentity.from_pem(chain_pem, key_pem)
    _require_good_chain(new)
    # A worker that reads between the two replacements finds a pair that does not match, and reads again.
    put_in_place(Path(settings.LIKENESS_SIGNING_KEY_FILE), key_pem, mode=0o600)
    put_in_place(Path(settings.LIKENESS_SIGNING_CHAIN_FILE), chain_pem, mode=0o644)
    return str(new.leaf.serial_number)


def _rotate_certificate(chain: Path | None, key: Path | None) -> str:
    if key is not None:
        raise KeyIsElsewhere("The signing key is in a key service, and a key file would sign nothing.")
    if chain is None:
        raise KeyIsElsewhere
    try:
        new = SigningIdentity.from_callback(chain.read_text(), signing_function())
        leaf = new.leaf
    except ImportError as error:
        raise KeyServiceUnavailable from error
    except (OSError, ValueError) as error:
        raise SigningKeyUnusable("The new chain cannot be read.") from error
    _require_good_chain(new)
    if not matches_certificate(leaf):
        raise SigningKeyUnusable(
            "The key service signs with another key than that of the new certificate.",
            hint="Compare the certificate's public key with the one that the key service shows.",
        )
    put_in_place(Path(settings.LIKENESS_SIGNING_CHAIN_FILE), new.chain_pem, mode=0o644)
    return str(leaf.serial_number)


def _read_pair(chain: Path, key: Path) -> tuple[str, str]:
    try:
        return chain.read_text(), key.read_text()
    except OSError as error:
        raise SigningKeyUnusable("The new chain or its key cannot be read.") from error


def _issue_pair() -> tuple[str, str]:
    folder = Path(settings.LIKENESS_KEYS_DIR) / DEVELOPMENT_CA_FOLDER
    if not folder.exists():
        raise KeysIncomplete(
            "There is no development authority here.", hint="Give the new chain and key as files."
        )
    return development_ca.create(folder).issue_leaf()


def _require_good_chain(new: SigningIdentity) -> None:
    now = timezone.now()
    if not new.leaf.not_valid_before_utc <= now < new.leaf.not_valid_after_utc:
        raise SigningKeyUnusable("The new certificate is not valid now.")
    anchors = x509.load_pem_x509_certificates(trust_store().own_anchors_pem.encode())
    links = [*x509.load_pem_x509_certificates(new.chain_pem.encode())]
    for certificate, issuer in zip(links, [*links[1:], None], strict=True):
        if issuer is None:
            if not any(certificate == anchor or _is_issued_by(certificate, anchor) for anchor in anchors):
                raise SigningKeyUnusable(
                    "The new chain leads to no root of ours.",
                    hint="Add its root to the file with our anchors first, and keep the old ones there.",
                )
        elif not _is_issued_by(certificate, issuer):
            raise SigningKeyUnusable("The new chain is not in order, leaf first.")


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def put_in_place(path: Path, text: str, *, mode: int) -> None:
    """Write `text` to `path`, whole or not at all, for those whom `mode` allows. Raises OSError."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.new")
    descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
