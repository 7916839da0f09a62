"""Which sample people there are, and that their files are those that Likeness came with."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_noop as _

from provenance.common.errors import CodedError, NotFound

_SHA256: Final = {
    "portraits/amara.jpg": "a3131147243bdb69122c58bb7b9cf999063ef85facc86676c89ca1f7ed864f9c",
    "portraits/kenji.jpg": "b7d990a55fcc2db763825ca4a1a1c902eea40e0abb608c0a99b6a240ae2aac9d",
    "portraits/maya.jpg": "eaa40663f1f2184bb68b01e6a5c2a0fecd019cc4d3db1425649ca6dd933df87f",
    "portraits/tomas.jpg": "59d8e0f7d9956207ec55a98964f2c7c16f74022c4a04afa43123865aa5904aab",
    "speech/sample1_female_calm.wav": "38793b5c05b80f3cf688df93b2e423d6d6750c430ea064d05de10f179f908052",
    "speech/sample2_male_bright.wav": "e3a5e604e27229ad1d4afc93c160f4698af8ac41b70f2575dea9dc03d966d64a",
    "speech/sample3_female_story.wav": "70c2ebc9dd9dc355b497347fa210c16f1277440acad502a517f4d6deca895656",
}


class SampleMissing(CodedError):
    """A sample's file is not there, or is not the one that Likeness came with."""

    code = "sample_missing"
    status = 503
    message = "The samples of this installation are missing or were changed."
    hint = "The operator puts the folder samples/ of this version back."


@dataclass(frozen=True)
class SamplePerson:
    """A person who does not exist, and speech for them. Paths are below the folder `samples`."""

    name: str
    display_name: str
    portrait: str
    speech: str
    words: str


_CALM = "Good morning, and welcome. I would love to show you around the old harbor ..."
_BRIGHT = "Wow, you finished the whole puzzle by yourself? That is amazing! ..."
_STORY = "A small blue bird built her nest above my window ..."

SAMPLES: Final = {
    sample.name: sample
    for sample in (
        SamplePerson("maya", "Maya", "portraits/maya.jpg", "speech/sample1_female_calm.wav", _CALM),
        SamplePerson("kenji", "Kenji", "portraits/kenji.jpg", "speech/sample2_male_bright.wav", _BRIGHT),
        SamplePerson("amara", "Amara", "portraits/amara.jpg", "speech/sample3_female_story.wav", _STORY),
        SamplePerson("tomas", "Tomas", "portraits/tomas.jpg", "speech/sample2_male_bright.wav", _BRIGHT),
    )
}


def sample_named(name: str) -> SamplePerson:
    """One sample. Raises NotFound."""
    if name not in SAMPLES:
        raise NotFound(
            _("There is no sample of that name."),
            hint=_("There are {names}.").format(names=", ".join(SAMPLES)),
        )
    return SAMPLES[name]


def read_sample(path: str) -> bytes:
    """A sample's file, whose digest is that of the release. Raises SampleMissing."""
    file = Path(settings.BASE_DIR) / "samples" / path
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SampleMissing from error
    if hashlib.sha256(content).hexdigest() != _SHA256[path]:
        raise SampleMissing
    return content
