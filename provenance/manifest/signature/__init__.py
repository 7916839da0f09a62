"""What stands behind a manifest: its COSE signature, the time and the certificate's status beside it.

Files and claims are the business of `provenance.manifest`; here are bytes of one manifest store, and the
services that answer for a certificate.
"""
