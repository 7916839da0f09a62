"""The caption track of a video: what it says about itself to readers, and to screen readers, as WebVTT."""

from __future__ import annotations

from typing import Final

from generation.disclosure.choice import CUE_S, Disclosure

SHOWN_S: Final = 5.0
# Of each language only what its own speakers write.
SENTENCES: Final = {
    "en": "This video was made with artificial intelligence.",
    "de": "Dieses Video wurde mit künstlicher Intelligenz erzeugt.",
    "fr": "Cette vidéo a été générée par une intelligence artificielle.",
    "es": "Este vídeo ha sido generado con inteligencia artificial.",
    "it": "Questo video è stato generato con l'intelligenza artificiale.",
    "ja": "この動画はAIによって生成されました。",
    "ko": "이 영상은 AI로 생성되었습니다.",
    "zh": "本视频由人工智能生成。",
}


def captions(disclosure: Disclosure, duration_s: float) -> str:
    """The track of a video of `duration_s` seconds, in the language of its label.

    The sentence stands for the first `SHOWN_S` seconds, and for as long at the end of a video that is more
    than four times as long, for who comes in later. Where the sound begins with the cue, the first caption
    says so. What is spoken is not in it: nobody has told the service the words.
    """
    sentence = SENTENCES[disclosure.language]
    first = f"[♪ AI] {sentence}" if disclosure.sound_cue and duration_s > CUE_S else sentence
    cues = [(0.0, min(SHOWN_S, duration_s), first)]
    if duration_s > 4 * SHOWN_S:
        cues.append((duration_s - SHOWN_S, duration_s, sentence))
    blocks = [f"{_clock(begin)} --> {_clock(end)}\n{text}" for begin, end, text in cues]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
