"""MediaFormat: one format that intake reads, and the two lists of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MediaFormat:
    """A format that intake reads.

    `name` is Pillow's name of a picture format or FFmpeg's name of a sound container: decoders are told which
    one to use instead of guessing, so that a playlist or a vector graphic never reaches the parser made for
    it. `label` names it for people. `suffixes` and `content_types` are what such files are commonly called.
    """

    name: str
    label: str
    suffixes: frozenset[str]
    content_types: frozenset[str]


def _format(name: str, label: str, suffixes: str, content_types: str) -> MediaFormat:
    return MediaFormat(name, label, frozenset(suffixes.split()), frozenset(content_types.split()))


JPEG = _format("JPEG", "JPEG", ".jpg .jpeg .jpe .jfif .mpo", "image/jpeg image/jpg image/pjpeg")
PNG = _format("PNG", "PNG", ".png .apng", "image/png image/apng image/x-png")
WEBP = _format("WEBP", "WebP", ".webp", "image/webp")
HEIF = _format(
    "HEIF",
    "HEIC",
    ".heic .heif .hif .heics .heifs",
    "image/heic image/heif image/heic-sequence image/heif-sequence",
)
AVIF = _format("AVIF", "AVIF", ".avif .avifs", "image/avif image/avif-sequence")
JPEG2000 = _format(
    "JPEG2000", "JPEG 2000", ".jp2 .j2k .jpx .jpf .j2c .jpc", "image/jp2 image/jpx image/jpeg2000 image/j2k"
)
TIFF = _format("TIFF", "TIFF", ".tif .tiff", "image/tiff image/tiff-fx")
BMP = _format("BMP", "BMP", ".bmp .dib", "image/bmp image/x-ms-bmp image/x-bmp")
GIF = _format("GIF", "GIF", ".gif", "image/gif")
PORTRAIT_FORMATS = (JPEG, PNG, WEBP, HEIF, AVIF, JPEG2000, TIFF, BMP, GIF)

WAV = _format("wav", "WAV", ".wav .wave .bwf .rf64", "audio/wav audio/x-wav audio/wave audio/vnd.wave")
W64 = _format("w64", "Wave64", ".w64", "audio/x-w64 audio/w64")
AIFF = _format("aiff", "AIFF", ".aif .aiff .aifc", "audio/aiff audio/x-aiff audio/aif")
CAF = _format("caf", "CAF", ".caf", "audio/x-caf audio/caf")
FLAC = _format("flac", "FLAC", ".flac", "audio/flac audio/x-flac")
OGG = _format(
    "ogg",
    "Ogg",
    ".ogg .oga .opus .ogv .spx",
    "audio/ogg application/ogg audio/opus video/ogg audio/x-vorbis+ogg",
)
MATROSKA = _format(
    "matroska",
    "WebM or Matroska",
    ".webm .weba .mka .mkv",
    "audio/webm video/webm audio/x-matroska video/x-matroska audio/matroska video/matroska",
)
MP4 = _format(
    "mp4",
    "MP4",
    ".m4a .mp4 .m4b .m4v .mov .qt .3gp .3g2 .3gpp .aac",
    "audio/mp4 audio/x-m4a audio/m4a audio/aac video/mp4 video/quicktime audio/3gpp video/3gpp audio/3gpp2 "
    "video/3gpp2 audio/mpeg audio/mp4a-latm video/x-m4v application/mp4",
)
MP3 = _format("mp3", "MP3", ".mp3 .mpga .mp2", "audio/mpeg audio/mp3 audio/x-mp3 audio/x-mpeg audio/mpeg3")
ADTS = _format("aac", "AAC", ".aac .adts", "audio/aac audio/x-aac audio/aacp audio/x-hx-aac-adts")
AMR = _format("amr", "AMR", ".amr .awb .3ga", "audio/amr audio/amr-wb audio/3gpp")
ASF = _format(
    "asf", "WMA", ".wma .asf .wmv", "audio/x-ms-wma video/x-ms-wmv video/x-ms-asf application/vnd.ms-asf"
)
AU = _format("au", "AU", ".au .snd", "audio/basic audio/x-au")
GSM = _format("gsm", "GSM", ".gsm", "audio/gsm audio/x-gsm")
AVI = _format("avi", "AVI", ".avi", "video/x-msvideo video/avi video/msvideo")
MPEG_TS = _format("mpegts", "MPEG-TS", ".ts .mts .m2ts .m2t", "video/mp2t video/vnd.dlna.mpeg-tts")
MPEG_PS = _format("mpeg", "MPEG", ".mpg .mpeg .vob .mod", "video/mpeg video/mpg video/x-mpeg")
AUDIO_FORMATS = (
    *(WAV, W64, AIFF, CAF, AU, FLAC, OGG, MATROSKA, MP4, MP3, ADTS, AMR, GSM, ASF),
    *(AVI, MPEG_TS, MPEG_PS),
)
