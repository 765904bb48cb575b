#!/usr/bin/env bash
# profile.sh VIDEO: where the time goes in three cases (10 uniform frames, the first 100, all of them one by one), by library and
# function, on two workers. Needs perf (Debian: linux-perf) and a build (npm run setup). docs/performance.md shows a run.
set -euo pipefail
video=$1
root=$(cd "$(dirname "$0")/.." && pwd)
data=$(mktemp)
trap 'rm -f "$data"' EXIT
for work in 'await video.getFramesAt(Array.from({ length: 10 }, (_, i) => Math.floor((i * (video.length - 1)) / 9)))' \
  'await video.getFramesInRange(0, 100)' \
  'for await (const frame of video) frame.release()'; do
  echo "== $work"
  perf record -q -F 499 -o "$data" node --input-type=module -e "
    import { DecoderPool } from '$root/dist/src/index.js';
    const pool = new DecoderPool({ workers: 2 });
    const video = await pool.openVideo(process.argv[1]);
    $work;
    await pool.close();" "$video"
  perf report -q -i "$data" --sort dso --percent-limit 1 2>/dev/null | grep -v '^$' || true
  perf report -q -i "$data" --sort dso,symbol --percent-limit 2 2>/dev/null | grep -v '^$' || true
done
