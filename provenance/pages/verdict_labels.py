"""Translated labels of the verdict's stable codes, as pages show them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The look of each answer: a good end, care, or nothing to say.
TONES = {
    "ours_intact": "ok",
    "ours_changed": "warn",
    "ours_withdrawn": "bad",
    "mark_transplanted": "bad",
    "other_credentials": "unknown",
    "no_provenance": "unknown",
    "cannot_tell": "unknown",
}
SIGNALS: dict[str, Promise] = {
    "reader": _("Reading"),
    "file_hash": _("File"),
    "manifest": _("Credentials"),
    "signature": _("Signature"),
    "ingredients": _("Inputs"),
    "manifest_record": _("Their record"),
    "parent": _("Former version"),
    "watermark": _("Watermark"),
    "watermark_parts": _("Where it is"),
    "content": _("Content"),
    "sound": _("Sound"),
    "other_watermark": _("Another's watermark"),
    "watermark_record": _("Its record"),
    "agreement": _("Agreement"),
    "recovered": _("Lost credentials"),
    "log": _("Public log"),
    "record": _("Our record"),
    "container": _("Container"),
}
FINDINGS: dict[str, Promise] = {
    "known": _("known"),
    "unknown": _("unknown"),
    "trusted_ours": _("good, ours"),
    "trusted_other": _("good, of others"),
    "valid_untrusted": _("signer unknown"),
    "invalid": _("not valid"),
    "remote_only": _("kept elsewhere"),
    "detached": _("without their file"),
    "unreadable": _("unreadable"),
    "none": _("none"),
    "not_read": _("not read"),
    "ours": _("ours"),
    "found": _("found"),
    "not_found": _("not found"),
    "inconclusive": _("undecided"),
    "not_looked_for": _("not looked for"),
    "some": _("in parts"),
    "several": _("several marks"),
    "other": _("another video of ours"),
    "same": _("agree"),
    "differs": _("differs"),
    "changed": _("changed"),
    "other_sound": _("another sound"),
    "silent": _("gone"),
    "replaced": _("replaced"),
    "muted": _("silenced"),
    "cut": _("cut"),
    "inserted": _("inserted"),
    "reordered": _("moved"),
    "reversed": _("backwards"),
    "speed": _("other speed"),
    "unclear": _("unclear"),
    "transplanted": _("put together"),
    "by_watermark": _("found again"),
    "included": _("included"),
    "not_proven": _("not proven"),
    "released": _("released"),
    "withdrawn": _("withdrawn"),
    "sealed": _("never released"),
    "hidden_data": _("hidden data"),
    "memory": _("too large"),
    "time": _("too slow"),
    "crashed": _("stopped"),
    "garbled": _("no answer"),
}
RELATIONSHIPS: dict[str, Promise] = {
    "parentOf": _("the version before it"),
    "componentOf": _("is part of it"),
    "inputTo": _("was used to make it"),
}
PART_TONES = {"found": "ok", "other": "warn", "not_found": "unknown"}
