#!/usr/bin/env bash
# Makes the videos of the benchmarks from generated pictures, so that they are the same everywhere.
#   bench/make-media.sh FOLDER [SHORT-VIDEOS]
# n13.mp4   13 s of 1080p: H.264 with B-frames, key frames at cuts and every 250 frames, 10 Mbit/s with grain, sound beside it
# n60.mp4   60 s: n13.mp4 over and over, not encoded again
# n206.mp4  206 s of it, about 250 MB, the index (moov) behind the pictures; n206_fs.mp4 with the index before them
# clips/    200 short videos of 4 to 8 s, 640x360 and 480x270
set -euo pipefail

folder=${1:?where to}
clips=${2:-200}
mkdir -p "$folder/clips"
cd "$folder"

# Written under another name first: a file of the right name is whole.
encode() {
  local target=$1
  shift
  [ -f "$target" ] && return
  ffmpeg -v error -nostdin -y "$@" -fflags +bitexact "part-${target##*/}"
  mv "part-${target##*/}" "$target"
}

rate=30000/1001
size=1920x1080

# Three scenes, cut hard: a test picture, a zoom into the Mandelbrot set, drifting colours. Grain makes them cost what real pictures do.
encode n13.mp4 \
  -f lavfi -i "testsrc2=size=$size:rate=$rate:duration=2" \
  -f lavfi -i "mandelbrot=size=960x540:rate=$rate:start_scale=0.5:end_scale=0.1,trim=duration=5,scale=1920:1080" \
  -f lavfi -i "gradients=size=$size:rate=$rate:speed=0.03:seed=7:duration=7,rotate=a=t/9" \
  -f lavfi -i "sine=frequency=330:sample_rate=48000:duration=13" \
  -filter_complex "[0:v]setsar=1[a];[1:v]setsar=1[b];[2:v]setsar=1[c];[a][b][c]concat=n=3:v=1,noise=alls=12:allf=t:all_seed=7,format=yuv420p[v]" \
  -map "[v]" -map 3:a -frames:v 390 -c:v libx264 -preset medium -b:v 10M -maxrate 15M -bufsize 20M -g 250 -bf 3 \
  -color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709 -c:a aac

encode n60.mp4 -stream_loop 4 -i n13.mp4 -map 0 -c copy -t 60
encode n206.mp4 -stream_loop 15 -i n13.mp4 -map 0 -c copy -t 206
encode n206_fs.mp4 -i n206.mp4 -map 0 -c copy -movflags +faststart

for i in $(seq 0 $((clips - 1))); do
  sizes=(640x360 480x270)
  encode "clips/c$(printf %03d "$i").mp4" \
    -f lavfi -i "testsrc2=size=${sizes[i % 2]}:rate=$rate:duration=$((4 + i % 5))" \
    -vf "hue=h=$((i * 7 % 360)),noise=alls=4:allf=t:all_seed=$i" \
    -c:v libx264 -preset veryfast -g 120 -pix_fmt yuv420p -color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709
done
