"""Runs MediaPipe's own attention mesh on crops of pictures, as a subprocess of `landmarks`.

`benchmarks.rendering.landmarks` starts this file. It runs in a virtual environment of its own (mediapipe
0.10.14) and imports nothing of the service. Reads a JSON list of {"path": picture, "squares": [[left, top,
side], ...]} from standard input and writes, for each picture, a list with the 478 landmarks [x, y] in picture
pixels for each square in which a face was found.
"""

from __future__ import annotations

import json
import sys

import cv2
import mediapipe
import numpy as np

CROP = 768  # pixels a side at which a square is shown to the mesh


def main() -> None:
    mesh = mediapipe.solutions.face_mesh.FaceMesh(
        static_image_mode=True, max_num_faces=1, refine_landmarks=True
    )
    answer = []
    for request in json.load(sys.stdin):
        image = cv2.cvtColor(cv2.imread(request["path"]), cv2.COLOR_BGR2RGB)
        found = []
        for left, top, side in request["squares"]:
            matrix = np.array([[CROP / side, 0, -left * CROP / side], [0, CROP / side, -top * CROP / side]])
            crop = cv2.warpAffine(
                image, matrix, (CROP, CROP), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
            )
            faces = mesh.process(crop).multi_face_landmarks
            if faces:
                points = np.array([(point.x, point.y) for point in faces[0].landmark])
                found.append((points * side + (left, top)).tolist())
        answer.append(found)
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
