"""The C2PA library's own signer with an identity of ours, for files that `sign_file` refuses to make."""

from __future__ import annotations

import c2pa

from provenance.manifest.signing import SigningIdentity


def library_signer(identity: SigningIdentity) -> c2pa.Signer:
    """Signs as the library does, without time-stamp and read-back."""
    return c2pa.Signer.from_callback(identity.sign, c2pa.C2paSigningAlg.ES256, identity.chain_pem, None)
