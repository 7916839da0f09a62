"""The false-match rate of a verdict: a number where there is one, words where there is none."""

from __future__ import annotations

from dataclasses import dataclass

from provenance.manifest.states import ManifestState
from provenance.verify.evidence.signals import Signals
from provenance.verify.verdict.messages import Message

# A second file with the same SHA-256, or a signature without the key, comes about by chance less often than
# this by any reckoning.
CRYPTOGRAPHY = 1e-30


@dataclass(frozen=True)
class ErrorRate:
    """`false_match`: upper bound on the chance that a file which has nothing to do with us is called ours.

    None where no such number can be given. `sentence` says what the number covers and what it does not.
    """

    false_match: float | None
    sentence: Message


def error_rate(signals: Signals, *, is_ours: bool, is_nothing: bool, is_unknown_mark: bool) -> ErrorRate:
    """The rate for a verdict of one of the `ours_` kinds, of no provenance, of our mark without a record, or
    of another kind.
    """
    mark = signals.mark
    if is_ours and _rests_on_mark_alone(signals) and mark.wrong_record is not None:
        return ErrorRate(
            mark.false_match,
            Message(
                "This rests on the watermark. How often an unrelated file would be taken for ours: at most "
                "{share}; a file with another mark of ours for this video: at most {other}. Somebody who "
                "copies a mark on purpose is not covered by these numbers.",
                {"share": _share(mark.false_match), "other": _share(mark.wrong_record)},
            ),
        )
    if is_ours and _rests_on_mark_alone(signals):
        return ErrorRate(
            mark.false_match,
            Message(
                "This rests on the watermark. How often an unrelated file would be taken for ours: at most "
                "{share}. Somebody who copies a mark on purpose is not covered by this number.",
                {"share": _share(mark.false_match)},
            ),
        )
    if is_unknown_mark:
        return ErrorRate(
            mark.false_match,
            Message(
                "How often a file without our mark would show it: at most {share}.",
                {"share": _share(mark.false_match)},
            ),
        )
    if is_ours:
        return ErrorRate(
            CRYPTOGRAPHY,
            Message("This rests on SHA-256 and digital signatures: it does not come about by chance."),
        )
    if is_nothing:
        return ErrorRate(
            None,
            Message(
                "A video from here can lose its credentials and, by heavy editing, its mark too. Not finding "
                "anything is no proof of anything."
            ),
        )
    return ErrorRate(None, Message("No rate can be stated for this answer."))


def _rests_on_mark_alone(signals: Signals) -> bool:
    is_signed = signals.manifest is not None and signals.manifest.state is ManifestState.TRUSTED_OURS
    is_bound = (is_signed and signals.by_manifest is not None) or signals.by_bound_input is not None
    return signals.by_file is None and not is_bound


def _share(rate: float | None) -> str:
    share = f"1 : {1 / rate:.0e}".replace("e+", " × 10^") if rate else "1 : ∞"
    return share.replace(" ", "\N{NO-BREAK SPACE}")
