"""Certificate authorities for development: one for claim signers, another for time-stamps.

Leaves for signing live 90 days. The roots are trusted by nobody but the service that made them. Production
brings its own chain and key, and asks somebody else for the time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from provenance.manifest.key_files import write_new
from provenance.manifest.signature.ocsp_responder import OcspResponder

C2PA_CLAIM_SIGNING = ObjectIdentifier("1.3.6.1.4.1.62558.2.1")
LEAF_DAYS, INTERMEDIATE_DAYS, ROOT_DAYS = 90, 5 * 365, 10 * 365
ORGANISATION = "Likeness (development)"

ROOT_FILE, INTERMEDIATE_FILE, INTERMEDIATE_KEY_FILE = "root.pem", "intermediate.pem", "intermediate-key.pem"


@dataclass(frozen=True)
class TimestampFiles:
    """A root for time-stamps, and a certificate under it (chain as PEM, leaf first) with its key."""

    root_pem: str
    chain_pem: str
    key_pem: str


@dataclass(frozen=True)
class DevelopmentCA:
    """The public root and the intermediate that issues leaves."""

    root_pem: str
    intermediate_pem: str
    intermediate_key: ec.EllipticCurvePrivateKey

    def issue_leaf(self, *, now: datetime | None = None) -> tuple[str, str]:
        """A fresh signing certificate: (chain as PEM with the leaf first, private key as PEM)."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self.certify(key.public_key(), now=now), _key_pem(key)

    def certify(self, public_key: ec.EllipticCurvePublicKey, *, now: datetime | None = None) -> str:
        """A signing certificate for a key that is kept elsewhere: the chain as PEM, leaf first."""
        issuer = x509.load_pem_x509_certificate(self.intermediate_pem.encode())
        # emailProtection is what validators of all ages accept, claim signing is what the C2PA profile asks
        # for.
        usages = [ExtendedKeyUsageOID.EMAIL_PROTECTION, C2PA_CLAIM_SIGNING]
        leaf = _certificate(
            "Claim signer",
            public_key,
            issuer=issuer,
            issuer_key=self.intermediate_key,
            days=LEAF_DAYS,
            now=now,
            usages=usages,
        )
        return _pem(leaf) + self.intermediate_pem

    def ocsp_responder(self, *, revoked: Collection[int] = ()) -> OcspResponder:
        """Says of certificates issued here that they are good; of those serial numbers that they are not."""
        issuer = x509.load_pem_x509_certificate(self.intermediate_pem.encode())
        return OcspResponder(issuer, self.intermediate_key, revoked)


def create(directory: Path, *, now: datetime | None = None) -> DevelopmentCA:
    """Open the authority kept in `directory`, or make it there first.

    The root's key is used once and then forgotten: nobody can make a second intermediate, and there is one
    key less to lose. The intermediate's key is kept (mode 0600) so that leaves can be renewed under the same
    root.
    """
    files = [directory / name for name in (ROOT_FILE, INTERMEDIATE_FILE, INTERMEDIATE_KEY_FILE)]
    if not any(file.exists() for file in files):
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        root_key = ec.generate_private_key(ec.SECP256R1())
        key = ec.generate_private_key(ec.SECP256R1())
        root = _certificate(
            "Root CA", root_key.public_key(), issuer_key=root_key, days=ROOT_DAYS, path_length=1, now=now
        )
        intermediate = _certificate(
            "Issuing CA",
            key.public_key(),
            issuer=root,
            issuer_key=root_key,
            days=INTERMEDIATE_DAYS,
            path_length=0,
            now=now,
        )
        for file, text in zip(files, (_pem(root), _pem(intermediate), _key_pem(key)), strict=True):
            write_new(file, text.encode(), is_secret=file.name == INTERMEDIATE_KEY_FILE)
    root_pem, intermediate_pem, key_pem = (file.read_text() for file in files)
    loaded = serialization.load_pem_private_key(key_pem.encode(), password=None)
    if not isinstance(loaded, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{INTERMEDIATE_KEY_FILE} holds no elliptic-curve key")
    return DevelopmentCA(root_pem, intermediate_pem, loaded)


def create_timestamp_authority(*, now: datetime | None = None) -> TimestampFiles:
    """A root of its own for time-stamps and one certificate under it; the root's key is thrown away.

    Apart from the signers' root, because whoever a root certifies is believed in its role: a time-stamp
    server must not be able to sign videos.
    """
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate(
        "Time-stamp root CA",
        root_key.public_key(),
        issuer_key=root_key,
        days=ROOT_DAYS,
        path_length=0,
        now=now,
    )
    leaf = _certificate(
        "Time-stamp server",
        key.public_key(),
        issuer=root,
        issuer_key=root_key,
        days=ROOT_DAYS,
        usages=[ExtendedKeyUsageOID.TIME_STAMPING],
        now=now,
    )
    return TimestampFiles(_pem(root), _pem(leaf), _key_pem(key))


def _certificate(
    common_name: str,
    key: ec.EllipticCurvePublicKey,
    *,
    days: int,
    issuer_key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None = None,
    path_length: int | None = None,
    usages: list[ObjectIdentifier] | None = None,
    now: datetime | None = None,
) -> x509.Certificate:
    is_authority = path_length is not None
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Likeness development {common_name}"),
        ]
    )
    # An hour back, for clocks that are a little late.
    start = (now or datetime.now(UTC)) - timedelta(hours=1)
    usage = x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=path_length), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )
    if usages:
        # RFC 3161 wants it critical, and alone, for time-stamps.
        is_critical = usages == [ExtendedKeyUsageOID.TIME_STAMPING]
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=is_critical)
    return builder.sign(issuer_key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode()
