"""How days and moments are written in each language, where Django's own way is not ours."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

# Django looks these up too; in ours they are as the languages write them, also where Django capitalises them.
MONTHS = (
    _("January"),
    _("February"),
    _("March"),
    _("April"),
    _("May"),
    _("June"),
    _("July"),
    _("August"),
    _("September"),
    _("October"),
    _("November"),
    _("December"),
)
