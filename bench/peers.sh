#!/usr/bin/env bash
# Installs what the benchmarks compare with, outside the repository: a Python environment with torchcodec (some 5 GB) and
# node-av. Both are optional: the benchmarks name who is absent and go on.
#   bench/peers.sh [--no-torchcodec] [--no-node-av]
#   FRAMEPOOL_BENCH_VENV   another place for the Python environment
#   TORCHCODEC             what pip installs, "torch torchcodec numpy fsspec aiohttp" unless told otherwise
set -euo pipefail

folder=${XDG_CACHE_HOME:-$HOME/.cache}/framepool-bench
venv=${FRAMEPOOL_BENCH_VENV:-$folder/venv}
mkdir -p "$folder"

if [[ " $* " != *" --no-torchcodec "* ]]; then
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  # shellcheck disable=SC2086
  "$venv/bin/pip" install --quiet ${TORCHCODEC:-torch torchcodec numpy fsspec aiohttp}
  "$venv/bin/python" -c "import torchcodec; print('torchcodec', torchcodec.__version__)"
  [ "$venv" = "$folder/venv" ] || echo "tell the benchmarks: FRAMEPOOL_BENCH_PYTHON=$venv/bin/python"
fi

if [[ " $* " != *" --no-node-av "* ]]; then
  mkdir -p "$folder/node-av"
  [ -f "$folder/node-av/package.json" ] || echo '{ "private": true }' > "$folder/node-av/package.json"
  # Its library is in a package of its own: no script has to run.
  npm install --prefix "$folder/node-av" --ignore-scripts --no-audit --no-fund --loglevel=error node-av@6.1.1
  echo "node-av $(node -p "require('$folder/node-av/node_modules/node-av/package.json').version")"
fi
