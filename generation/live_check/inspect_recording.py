"""Look at one recording, inside a confined process.

Run by `generation.live_check.examine` as `python -m generation.live_check.inspect_recording`, with a
`RecordingRequest` as JSON on stdin. Prints a `RecordingReport` as JSON.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace

from generation.live_check.judging import judge_file
from generation.live_check.report import RecordingRequest
from provenance.common.strict_json import parse, to_plain
from provenance.verify.reader.watermark_search import search_watermark

if __name__ == "__main__":
    asked = parse(RecordingRequest, sys.stdin.read())
    report = judge_file(asked)
    report = replace(report, watermark=search_watermark(asked.source, asked.watermark_keys))
    sys.stdout.write(json.dumps(to_plain(report)))
