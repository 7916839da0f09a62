"""The label and sound cue of a job's video: as the operator set it where it does not say."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from accounts.models import LabelPolicy, Partner
from generation.disclosure.choice import NONE, Disclosure, DisclosureInvalid
from generation.models import Job
from provenance.common.errors import CodedError, InvalidInput


class LabelRequired(CodedError):
    """The partner's videos carry a visible label, and this one would not."""

    code = "label_required"
    status = 403
    message = "The videos of your organisation carry a visible label."
    hint = "Choose another preset than none. An operator can allow videos without a label."


def default_disclosure() -> Disclosure:
    """The label of videos that do not state one."""
    preset = {"preset": settings.LIKENESS_LABEL_PRESET}
    return Disclosure.from_json(preset, Disclosure(language=settings.LIKENESS_LABEL_LANGUAGE))


def chosen_disclosure(values: dict[str, Any], partner: Partner) -> Disclosure:
    """The disclosure with `values`, and the default's for what they leave out.

    Raises InvalidInput, or LabelRequired where the partner may not go without a label.
    """
    try:
        chosen = Disclosure.from_json(values, default_disclosure())
    except DisclosureInvalid as error:
        raise InvalidInput(
            str(error), code="disclosure_invalid", hint=f"Look at disclosure.{error.field}."
        ) from error
    if chosen.preset == NONE and partner.label_policy != LabelPolicy.OPTIONAL:
        raise LabelRequired
    return chosen


def disclosure_of(job: Job) -> Disclosure:
    """A job's disclosure; jobs from before it was part of them get the operator's label."""
    return Disclosure.from_json(job.disclosure) if job.disclosure else default_disclosure()
