"""Keys and certificates, who is asked for time, revocation and witness, and what the log is called."""

from __future__ import annotations

from config.env import env_function, env_path, env_str, env_text, env_url, env_urls, refuse_without
from config.settings.topics.places import LIKENESS_KEYS_DIR

LIKENESS_LOG_ORIGIN = env_text(
    "LIKENESS_LOG_ORIGIN",
    "likeness.example/log",
    pattern=r"[^\s+]+",
    rule="a name without white space or a plus",
)
LIKENESS_LOG_KEY_FILE = env_path("LIKENESS_LOG_KEY_FILE", LIKENESS_KEYS_DIR / "log-ed25519.pem")
LIKENESS_LOG_MARK_CALLBACK = env_function("LIKENESS_LOG_MARK_CALLBACK")
LIKENESS_LOG_WITNESSES_FILE = env_path("LIKENESS_LOG_WITNESSES_FILE", LIKENESS_KEYS_DIR / "witnesses.txt")
LIKENESS_SIGNING_CHAIN_FILE = env_path("LIKENESS_SIGNING_CHAIN_FILE", LIKENESS_KEYS_DIR / "signing-chain.pem")
LIKENESS_SIGNING_KEY_FILE = env_path("LIKENESS_SIGNING_KEY_FILE", LIKENESS_KEYS_DIR / "signing-key.pem")
LIKENESS_SIGNING_CALLBACK = env_function("LIKENESS_SIGNING_CALLBACK")
# The organisation's own certificate; without the file nobody's identity is named.
LIKENESS_ORGANISATION_CHAIN_FILE = env_path(
    "LIKENESS_ORGANISATION_CHAIN_FILE", LIKENESS_KEYS_DIR / "organisation-chain.pem"
)
LIKENESS_ORGANISATION_KEY_FILE = env_path(
    "LIKENESS_ORGANISATION_KEY_FILE", LIKENESS_KEYS_DIR / "organisation-key.pem"
)
LIKENESS_KMS_KEY_ID = env_str("LIKENESS_KMS_KEY_ID")
LIKENESS_KMS_REGION = env_str("LIKENESS_KMS_REGION")
LIKENESS_KMS_ENDPOINT_URL = env_url("LIKENESS_KMS_ENDPOINT_URL")
refuse_without("LIKENESS_KMS_KEY_ID", ("LIKENESS_KMS_REGION", "LIKENESS_KMS_ENDPOINT_URL"))
LIKENESS_TRUST_ANCHORS_FILE = env_path("LIKENESS_TRUST_ANCHORS_FILE", LIKENESS_KEYS_DIR / "trust-anchors.pem")
# Asked whether the signing certificate was taken back, instead of the responder that it names.
LIKENESS_OCSP_RESPONDER = env_url("LIKENESS_OCSP_RESPONDER")
# RFC 3161 servers, asked in this order. Without any, only a service on localhost signs videos.
LIKENESS_TIMESTAMP_SERVERS = env_urls("LIKENESS_TIMESTAMP_SERVERS")
LIKENESS_TIMESTAMP_ANCHORS_FILE = env_path(
    "LIKENESS_TIMESTAMP_ANCHORS_FILE", LIKENESS_KEYS_DIR / "timestamp-anchors.pem"
)
LIKENESS_WATERMARK_KEY_FILE = env_path("LIKENESS_WATERMARK_KEY_FILE", LIKENESS_KEYS_DIR / "watermark-key")
LIKENESS_WATERMARK_KEY_CALLBACK = env_function("LIKENESS_WATERMARK_KEY_CALLBACK")
LIKENESS_COMMITMENT_KEY_FILE = env_path("LIKENESS_COMMITMENT_KEY_FILE", LIKENESS_KEYS_DIR / "commitment-key")
