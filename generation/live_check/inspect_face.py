"""Describe the face of one portrait, inside a confined process.

Run by `generation.live_check.examine` as `python -m generation.live_check.inspect_face`, with a `FaceRequest`
as JSON on stdin. Prints a `FaceReport` as JSON.
"""

from __future__ import annotations

import json
import sys

import cv2
import numpy as np

from generation.live_check.judging import describe_portrait
from generation.live_check.report import FaceReport, FaceRequest
from provenance.common.strict_json import parse, to_plain

if __name__ == "__main__":
    asked = parse(FaceRequest, sys.stdin.read())
    picture = cv2.cvtColor(np.asarray(cv2.imread(str(asked.source))), cv2.COLOR_BGR2RGB)
    found = describe_portrait(np.asarray(picture, np.uint8))
    values = () if found is None else tuple(float(value) for value in found)
    sys.stdout.write(json.dumps(to_plain(FaceReport(values))))
