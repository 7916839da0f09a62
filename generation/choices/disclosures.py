"""The label and sound cue of a job's video: as the operator set it where it does not say."""

from __future__ import annotations

import json
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_noop as _

from accounts.models import LabelPolicy, Partner
from generation.disclosure.aigc import aigc_metadata
from generation.disclosure.choice import NONE, Disclosure, DisclosureInvalid
from generation.models import Job
from provenance.common.errors import CodedError, InvalidInput

CHINA: Final = "china"


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
            str(error),
            code="disclosure_invalid",
            hint=_("Look at disclosure.{field}.").format(field=error.field),
        ) from error
    if chosen.preset == NONE and partner.label_policy != LabelPolicy.OPTIONAL:
        raise LabelRequired
    return chosen


def file_metadata(disclosure: Disclosure, rendition_id: str) -> dict[str, str]:
    """The fields of a video's file that the rules of its preset ask for, by their names."""
    if disclosure.preset != CHINA:
        return {}
    named = aigc_metadata(producer=aigc_producer(), produce_id=rendition_id)
    return {name: json.dumps(fields, ensure_ascii=False) for name, fields in named.items()}


def aigc_producer() -> str:
    """Who is named as producer: the code of a registration in China, or else the provider's name."""
    return str(settings.LIKENESS_AIGC_PRODUCER or settings.LIKENESS_PROVIDER_NAME)


def disclosure_of(job: Job) -> Disclosure:
    """A job's disclosure; jobs from before it was part of them get the operator's label."""
    return Disclosure.from_json(job.disclosure) if job.disclosure else default_disclosure()
