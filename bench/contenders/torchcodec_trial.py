"""torchcodec's part of the benchmarks.

    torchcodec_trial.py ORDER.json                          one trial: an order and a report as in bench/model.ts
    torchcodec_trial.py --cold FILE MODE THREADS PICTURE    the first frame into a PNG, to be timed from outside
    torchcodec_trial.py --version
"""

import hashlib
import json
import os
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor


def decoder(path, mode, threads, transforms=None):
    from torchcodec.decoders import VideoDecoder

    return VideoDecoder(path, seek_mode=mode, num_ffmpeg_threads=threads, transforms=transforms)


def transforms_of(work):
    if work["kind"] != "resized":
        return None
    from torchcodec.transforms import Resize

    return [Resize((work["side"], work["side"]))]


def rgb_bytes(frames):
    """Pixels as [..., height, width, 3], which is how they lie in memory."""
    return frames.movedim(-3, -1).contiguous().numpy()


def run(work, files, mode, threads, digest):
    """Does the work; returns what must stay in memory, the frames and the sum of their times."""
    (path,) = files
    video = decoder(path, mode, threads, transforms_of(work))
    kind = work["kind"]
    if kind == "open":
        return video, len(video), None
    if kind == "whole":
        count, pts = 0, 0.0
        for i in range(len(video)):
            frame = video.get_frame_at(i)
            count += 1
            pts += frame.pts_seconds
            if digest is not None:
                digest.update(rgb_bytes(frame.data))
        return video, count, pts
    if kind == "first":
        frame = video.get_frame_at(0)
        if digest is not None:
            digest.update(rgb_bytes(frame.data))
        return frame, 1, frame.pts_seconds
    if kind in ("frames", "resized"):
        batch = video.get_frames_at(work["indices"])
    elif kind == "range":
        batch = video.get_frames_in_range(0, work["stop"])
    else:
        raise ValueError(f"unknown work: {kind}")
    if digest is not None:
        digest.update(rgb_bytes(batch.data))
    return batch, len(batch), batch.pts_seconds.sum().item()


def start_bulk_process():
    import torch

    torch.set_num_threads(1)


def bulk_item(order):
    """One file, in a process of the pool."""
    path, count, mode, with_digest = order
    cpu = time.process_time()
    video = decoder(path, mode, 1)
    last = len(video) - 1
    batch = video.get_frames_at([i * last // (count - 1) for i in range(count)])
    digest = hashlib.md5(rgb_bytes(batch.data)).hexdigest() if with_digest else None
    return {
        "frames": len(batch),
        "pts": batch.pts_seconds.sum().item(),
        "digest": digest,
        "cpu": time.process_time() - cpu,
        "process": os.getpid(),
        "peak": peak_mb(),
    }


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(wall, cpu, peak, frames, pts, pixels):
    answer = {"frames": frames, "ptsSum": pts, "pixels": pixels}
    print(json.dumps({"wallMs": wall, "cpuMs": cpu, "peakRssMb": peak, "answer": answer}))


def bulk_trial(order, mode, processes):
    """As a data loader would: files spread over processes, each with one decoder thread."""
    checking = order["task"] == "check"
    wall, cpu, peak = [], [], {}
    with ProcessPoolExecutor(processes, initializer=start_bulk_process) as pool:
        for position, files in enumerate(order["sources"]):
            work = [(path, order["work"]["count"], mode, checking) for path in files]
            before, began = time.process_time(), time.perf_counter()
            items = list(pool.map(bulk_item, work, chunksize=4))
            if position > 0:
                wall.append(1e3 * (time.perf_counter() - began))
                cpu.append(1e3 * (time.process_time() - before + sum(item["cpu"] for item in items)))
            peak |= {item["process"]: item["peak"] for item in items}
    digests = "".join(item["digest"] for item in items) if checking else ""
    one = len(items) == 1
    pixels = (digests if one else hashlib.md5(digests.encode()).hexdigest()) if checking else None
    frames = sum(item["frames"] for item in items)
    report(wall, cpu, peak_mb() + sum(peak.values()), frames, sum(item["pts"] for item in items), pixels)


def trial(order):
    _, mode, parallel = order["contender"].split("-")
    if order["work"]["kind"] == "bulk":
        return bulk_trial(order, mode, int(parallel))
    digest = hashlib.md5() if order["task"] == "check" else None
    wall, cpu, answer = [], [], None
    for position, files in enumerate(order["sources"]):
        before, began = time.process_time(), time.perf_counter()
        held, frames, pts = run(order["work"], files, mode, int(parallel), digest)
        if position > 0:
            wall.append(1e3 * (time.perf_counter() - began))
            cpu.append(1e3 * (time.process_time() - before))
        answer = (frames, pts)
        del held
    pixels = digest.hexdigest() if digest is not None and order["work"]["kind"] != "open" else None
    report(wall, cpu, peak_mb(), answer[0], answer[1], pixels)


def cold(path, mode, threads, picture):
    """torchcodec has no image encoder: torch hands the pixels to the smallest PNG writer there is."""
    import struct
    import zlib

    pixels = rgb_bytes(decoder(path, mode, int(threads)).get_frame_at(0).data)
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    with open(picture, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))
    with os.fdopen(3, "w") as usage:
        json.dump({"cpuMs": 1e3 * time.process_time(), "peakRssMb": peak_mb()}, usage)


def version():
    import torch
    import torchcodec
    from torchcodec.decoders import VideoDecoder  # noqa: F401, loads the libraries that may be missing

    print(f"{torchcodec.__version__}, torch {torch.__version__}")


if __name__ == "__main__":
    if sys.argv[1] == "--version":
        version()
    elif sys.argv[1] == "--cold":
        cold(*sys.argv[2:])
    else:
        with open(sys.argv[1], encoding="utf-8") as file:
            trial(json.load(file))
