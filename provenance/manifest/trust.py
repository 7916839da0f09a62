"""Trust anchors: our own certificate authorities, those of others, and those of time-stamps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from provenance.common.errors import CodedError

# One per line. The library accepts emailProtection by itself, the others only when listed. timeStamping is
# left out on purpose: listed here, a time-stamping certificate could sign claims.
ACCEPTED_KEY_USAGES = "\n".join(
    [
        "1.3.6.1.5.5.7.3.4",  # emailProtection
        "1.3.6.1.5.5.7.3.36",  # documentSigning
        "1.3.6.1.4.1.62558.2.1",  # C2PA claim signing
    ]
)


class LibrarySettings(TypedDict):
    """The settings of the C2PA library that are set here, by section."""

    builder: dict[str, dict[str, bool]]
    core: dict[str, list[str]]
    verify: dict[str, bool]
    trust: dict[str, str]


class TrustAnchorsMissing(CodedError):
    """The file that says which root is ours cannot be used."""

    code = "trust_anchors_missing"
    status = 500
    message = "The file with our own trust anchors is missing or holds no certificate."
    hint = "Run `manage.py create_keys`, or point LIKENESS_TRUST_ANCHORS_FILE to a PEM file with your root."


@dataclass(frozen=True)
class TrustStore:
    """Certificate authorities as PEM text.

    `own_anchors_pem` must hold only authorities that issue for this service alone: whoever they certify can
    sign as us. `other_anchors_pem` may hold any public list (such as the C2PA trust list) and may be empty.
    `timestamp_anchors_pem` holds the roots of the time-stamp servers that we trust.
    """

    own_anchors_pem: str
    other_anchors_pem: str = ""
    timestamp_anchors_pem: str = ""

    @classmethod
    def from_files(cls, own: Path, others: Path | None = None, timestamps: Path | None = None) -> TrustStore:
        """Read the PEM files; all but `own` may be absent. Raises `TrustAnchorsMissing`."""
        try:
            own_pem = own.read_text()
        except OSError as error:
            raise TrustAnchorsMissing from error
        if "BEGIN CERTIFICATE" not in own_pem:
            raise TrustAnchorsMissing
        return cls(own_pem, _text(others), _text(timestamps))

    def settings(self) -> LibrarySettings:
        """The settings under which we sign and read, frozen: nothing is ever fetched from anywhere.

        By default the library loads a manifest from whatever address a file names, also on localhost.
        """
        return self._settings(f"{self.other_anchors_pem}\n{self.timestamp_anchors_pem}".strip())

    def settings_for_signers(self) -> LibrarySettings:
        """Settings under which a signer is trusted by the roots of signers alone.

        The library keeps one list for signers of others and for time-stamps, so that an authority for
        time-stamps could also certify signers. Here it is left out, and time-stamps count whoever made them:
        what is trusted under both settings has a known signer and a known time-stamp authority.
        """
        settings = self._settings(self.other_anchors_pem)
        settings["verify"]["verify_timestamp_trust"] = False
        return settings

    def _settings(self, other_anchors_pem: str) -> LibrarySettings:
        trust = {"user_anchors": self.own_anchors_pem, "trust_config": ACCEPTED_KEY_USAGES}
        if other_anchors_pem:
            trust["trust_anchors"] = other_anchors_pem
        return {
            "builder": {"thumbnail": {"enabled": False}},
            "core": {"allowed_network_hosts": []},
            "verify": {
                "verify_after_sign": True,
                "verify_trust": True,
                "verify_timestamp_trust": True,
                "remote_manifest_fetch": False,
                "ocsp_fetch": False,
            },
            "trust": trust,
        }


def _text(file: Path | None) -> str:
    return file.read_text() if file is not None and file.is_file() else ""
