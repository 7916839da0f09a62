"""Answers that every call of partners may give: no key, not allowed, not understood, too many."""

from __future__ import annotations

from typing import Any

from provenance.api.problem_schemas import Problem

REFUSALS: dict[Any, Any] = {401: Problem, 403: Problem, 422: Problem, 429: Problem}
