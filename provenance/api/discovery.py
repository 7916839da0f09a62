"""Where the Soft Binding Resolution API is, for clients that know only the domain (C2PA 2.4)."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from provenance.api.resolution_schemas import SPECIFICATION_VERSION


@require_safe
def soft_binding_resolution(request: HttpRequest) -> JsonResponse:
    """The address of the API and of what it says about itself."""
    api = request.build_absolute_uri("/v1")
    return JsonResponse(
        {
            "apiEndpoint": api,
            "c2paSpecificationVersion": SPECIFICATION_VERSION,
            "capabilitiesEndpoint": f"{api}/services/capabilities",
            "statusEndpoint": f"{api}/services/status",
        }
    )
