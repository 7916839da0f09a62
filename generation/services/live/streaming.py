"""Streams one live session: sound and control messages in, marked fragments and notes out."""

from __future__ import annotations

import gc
import json
import logging
import queue
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from PIL import Image

from accounts.access.actors import SYSTEM
from generation.animation.motion.controls import ControlsInvalid, MotionControls
from generation.animation.portrait.portrait_check import PortraitRejected
from generation.disclosure.choice import Disclosure
from generation.disclosure.label import Label
from generation.live.marked_stream import MIMES, MarkCheck, MarkedStream, MarkLost
from generation.live.opus.opus_decoder import NotOpus, OpusDecoder
from generation.live.performance import FellBehind, LivePerformance, warm_up_frames
from generation.live.segment_signing import SegmentSigner
from generation.live.sound_inbox import SAMPLE_RATE, SoundInbox
from generation.live.wire import HIGH, OPUS, Kind, WireBroken, packed, packed_json, read_message
from generation.models import LiveSession
from generation.services.live.by_log import session_as_logged
from generation.services.live.ending import end_session
from generation.services.live.reasons import LiveEnd, reason_of
from generation.services.live.refusals import LiveMessageInvalid
from generation.services.live.spool import SpoolWriter
from generation.services.live.starting import SessionOver, start_session
from generation.services.preflight import examine_stored_portrait
from provenance.common.errors import CodedError
from provenance.keys.service_keys import trust_store, watermark_key
from provenance.sandbox.requirement import ReaderUnavailable, SandboxIncomplete

WRITER_ENDS_S: Final = 10.0
PACE_EVERY_S: Final = 0.5
NO_OPUS: Final = "This is no packet of Opus, or the sound of one that could not be decoded."
SOUND_WAITS: Final = "Two minutes of sound are waiting already; this piece was not taken."

logger = logging.getLogger(__name__)


class SessionStreamer:
    """Streams one session between `source` and `out`."""

    def __init__(
        self, session_id: str, animator: Any, source: BinaryIO, out: BinaryIO, profile: str = HIGH
    ) -> None:

        self._session_id, self._animator = session_id, animator
        self._source, self._out, self._profile = source, out, profile
        self._inbox = SoundInbox()
        self._unsent: queue.Queue[bytes | None] = queue.Queue()
        self._unsent_bytes = 0
        self._lock = threading.Lock()
        self._performance: Any = None
        self._reason: Any = None
        self._controls: dict[str, Any] = {}
        self._opus: OpusDecoder | None = None

    def run(self) -> None:
        """Stream to the end, and say why it came. Database and log have its end before this returns."""
        writer = threading.Thread(target=self._write_out, daemon=True, name="writer")
        writer.start()
        refusal: dict[str, str] = {}
        try:
            self._stream()
        except MarkLost:
            self._reason = LiveEnd.MARK_LOST
        except FellBehind:
            self._reason = LiveEnd.TOO_SLOW
        except ReaderUnavailable as error:  # which says nothing of the portrait
            self._reason = LiveEnd.TOO_SLOW
            refusal = {"code": error.code, "message": error.message, "hint": error.hint}
        except (CodedError, PortraitRejected) as error:
            self._reason = LiveEnd.REFUSED
            refusal = {"code": str(error.code), "message": error.message, "hint": error.hint}
        except SessionOver:
            self._reason = LiveEnd.ENDED_BY_PARTNER
        except Exception:
            logger.exception("Live session %s failed", self._session_id)
            self._reason = LiveEnd.WORKER_LOST
        reason = self._reason or LiveEnd.CONNECTION_LOST
        end_session(session_id=self._session_id, reason=reason, actor=SYSTEM)
        said = reason_of(reason)
        self._send(
            packed_json(
                Kind.END,
                {"code": said.code, "message": str(said.message), "hint": str(said.hint), "refusal": refusal},
            )
        )
        self._unsent.put(None)
        writer.join(timeout=WRITER_ENDS_S)

    def _stream(self) -> None:

        session = session_as_logged(self._session_id)  # what is fitted, labelled and shown from here on
        spool = SpoolWriter(session.id)
        fitted = self._animator.fit(_portrait_pixels(session))
        self._controls = dict(session.controls)
        controls = MotionControls.from_json(session.controls)

        def motion() -> Any:
            return self._animator.live_motion(
                SAMPLE_RATE, controls=controls, seed=session.seed, fps=session.fps
            )

        warm_up = warm_up_frames(self._animator, fitted, motion(), size=session.size)
        self._performance = LivePerformance(
            self._animator,
            fitted,
            motion(),
            self._inbox,
            size=session.size,
            fps=session.fps,
            unsent=lambda: self._unsent_bytes,
        )
        reader = threading.Thread(target=self._read_in, daemon=True, name="reader")
        disclosure = Disclosure.from_json(session.disclosure)
        signer = SegmentSigner(session.id)
        payload, year = start_session(session.id, signer.public_key)

        ready = {
            "type": "ready",
            "id": session.id,
            "mime": MIMES[self._profile],
            "fps": session.fps,
            "size": session.size,
            "sample_rate": SAMPLE_RATE,
            "segment_key": signer.public_key,
        }

        def on_bytes(data: bytes) -> None:
            # The viewer is told when all is prepared, and then given the stream's head.
            if not spool.bytes_written:
                self._note(ready)
            spool.write(data)
            self._send_media(data)

        def on_segment(number: int, digest: bytes) -> None:
            spool.end_segment(digest)
            self._note(
                {
                    "type": "segment",
                    "number": number,
                    "sha256": digest.hex(),
                    "signature": signer.sign(number, digest),
                }
            )

        def on_check(check: MarkCheck) -> None:
            at = datetime.now(UTC).isoformat(timespec="seconds")
            self._note(
                {"type": "checked", "at": at, "segment": check.segment, "score": round(check.score, 1)}
            )

        # A full collection over all that is loaded would stop every thread for a sixth of a second.
        gc.collect()
        gc.freeze()
        stream = MarkedStream(
            size=session.size,
            fps=session.fps,
            label=Label(disclosure, session.size, session.size) if disclosure.has_label else None,
            payload=payload,
            key=watermark_key(year),
            warm_up=warm_up,
            send=on_bytes,
            on_segment=on_segment,
            on_check=on_check,
            profile=self._profile,
        )
        reader.start()
        telling = threading.Thread(target=self._tell_pace, args=(stream,), daemon=True, name="pace")
        telling.start()
        try:
            self._performance.run(stream)
        finally:
            stream.finish()
            spool.close()
            LiveSession.objects.filter(pk=session.id).update(
                frames=stream.frames, repeated_frames=stream.repeated
            )

    def _tell_pace(self, stream: Any) -> None:

        while self._reason is None:
            time.sleep(PACE_EVERY_S)
            self._note(
                {
                    "type": "pace",
                    "time_s": round(self._inbox.taken / SAMPLE_RATE, 3),
                    "received_s": round(self._inbox.received_taken / SAMPLE_RATE, 3),
                    "silence": [
                        [round(first / SAMPLE_RATE, 4), round(count / SAMPLE_RATE, 4)]
                        for first, count in self._inbox.new_silences()
                    ],
                    "frames": stream.frames,
                    "repeated": stream.repeated,
                }
            )

    def _read_in(self) -> None:

        try:
            while True:
                kind, payload = read_message(self._source)
                if kind is Kind.SOUND:
                    self._hear(payload)
                elif kind is Kind.CONTROL and not self._control(json.loads(payload)):
                    break
        except (WireBroken, ValueError):
            self._reason = self._reason or LiveEnd.CONNECTION_LOST
        except SandboxIncomplete:
            logger.exception("Live session %s cannot decode Opus in a sandbox", self._session_id)
            self._reason = self._reason or LiveEnd.REFUSED
        finally:
            if self._opus is not None:
                self._opus.close()
        self._performance.end()

    def _hear(self, payload: bytes) -> None:
        try:
            pcm = payload if self._opus is None else self._opus.decode(payload)
        except NotOpus:
            self._note({"type": "refused", "code": LiveMessageInvalid.code, "message": NO_OPUS})
            return
        if not self._inbox.put(pcm):
            self._note({"type": "refused", "code": "sound_waits", "message": SOUND_WAITS})

    def _control(self, message: dict[str, Any]) -> bool:
        """Do what a control message asks for; False if that is the end."""

        if message["type"] == "codec":
            self._opus = OpusDecoder() if message["codec"] == OPUS else None
        elif message["type"] == "stop":
            self._inbox.stop()
        elif message["type"] == "direct":
            values = message["controls"]
            try:
                self._controls = MotionControls.from_json({**self._controls, **values}).to_json()
            except (ControlsInvalid, TypeError) as error:
                self._note({"type": "refused", "code": "controls_invalid", "message": str(error)})
            else:
                self._performance.direct(values)
        elif message["type"] == "end":
            self._reason = LiveEnd(message["reason"])
            return False
        return True

    def _note(self, values: dict[str, Any]) -> None:

        self._send(packed_json(Kind.NOTE, values))

    def _send_media(self, data: bytes) -> None:

        self._send(packed(Kind.MEDIA, data))

    def _send(self, message: bytes) -> None:
        with self._lock:
            self._unsent_bytes += len(message)
        self._unsent.put(message)

    def _write_out(self) -> None:
        while (message := self._unsent.get()) is not None:
            try:
                self._out.write(message)
                self._out.flush()
            except OSError:  # the server is gone; the reader sees it too
                return
            with self._lock:
                self._unsent_bytes -= len(message)


def _portrait_pixels(session: Any) -> Any:
    """The portrait (H, W, 3) uint8 RGB, after the same examination that it had on upload."""

    with tempfile.TemporaryDirectory(prefix="likeness-media-") as folder:
        facts = examine_stored_portrait(session.portrait, workspace=Path(folder), trust=trust_store())
        with Image.open(facts.path) as image:
            return np.array(image.convert("RGB"))
