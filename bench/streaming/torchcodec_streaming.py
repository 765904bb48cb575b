"""torchcodec_streaming.py ORDER: the same orders and reports as trial.ts, with torchcodec, and fsspec for streaming. --version: theirs."""

import hashlib
import json
import sys
import time
import urllib.request

import fsspec
import torchcodec
from torchcodec.decoders import VideoDecoder

if sys.argv[1] == "--version":
    print(f"torchcodec {torchcodec.__version__}, fsspec {fsspec.__version__}")
    sys.exit()

order = json.loads(sys.argv[1])
path, mode = order["path"], order["seekMode"]
operations = None
run = 0


def fresh_url():
    global run
    run += 1
    return f"{order['url']}?run=py-{time.time_ns()}-{run}"


def server(what):
    base = "/".join(order["url"].split("/")[:3])
    with urllib.request.urlopen(base + what) as answer:
        return json.load(answer)


class FileOpCounter:
    def __init__(self, file):
        self.file, self.reads, self.seeks = file, 0, 0

    def read(self, size):
        self.reads += 1
        return self.file.read(size)

    def seek(self, offset, whence):
        self.seeks += 1
        return self.file.seek(offset, whence)


def first(source):
    return VideoDecoder(source, seek_mode=mode, dimension_order="NHWC")[0]


def opened(make):
    with make() as file:
        return first(file)


def uniform10():
    with fsspec.open(fresh_url()) as file:
        video = VideoDecoder(file, seek_mode=mode, dimension_order="NHWC", num_ffmpeg_threads=2)
        n = len(video)
        return video.get_frames_at([i * (n - 1) // 9 for i in range(10)]).data


def counter():
    global operations
    with open(path, "rb") as file:
        counted = FileOpCounter(file)
        video = VideoDecoder(counted, seek_mode=mode, dimension_order="NHWC")
        reads, seeks = counted.reads, counted.seeks
        frame = video[0]
        operations = dict(
            openReads=reads, openSeeks=seeks, frameReads=counted.reads - reads, frameSeeks=counted.seeks - seeks
        )
        return frame


existing = open(path, "rb").read() if order["scenario"] == "bytes" else None
go = {
    "bytes": lambda: first(existing),
    "path": lambda: first(path),
    "handle": lambda: opened(lambda: open(path, "rb")),
    "download": lambda: first(urllib.request.urlopen(fresh_url()).read()),
    "direct": lambda: first(fresh_url()),
    "stream": lambda: opened(lambda: fsspec.open(fresh_url())),
    "uniform10": uniform10,
    "counter": counter,
}[order["scenario"]]

pixels = hashlib.md5(go().contiguous().numpy().tobytes()).hexdigest()
wall = []
for _ in range(order["runs"]):
    server("/__reset")
    start = time.perf_counter()
    go()
    wall.append(1000 * (time.perf_counter() - start))
counts = server("/__traffic")
report = dict(wallMs=wall, pixels=pixels, traffic=dict(requests=counts["requests"], bytes=counts["bytes"]))
if operations is not None:
    report["operations"] = operations
print(json.dumps(report))
