"""Router of the public API, which asks for no key: verification, manifests, the log."""

from __future__ import annotations

from ninja import Router

from provenance.api.log_api import router as log_router
from provenance.api.resolution_api import router as resolution_router
from provenance.api.verify_api import router as verify_router

router = Router()
router.add_router("", verify_router)
router.add_router("", resolution_router)
router.add_router("", log_router)
