#!/bin/sh
# Make .venv from the hashed lock: `scripts/setup.sh run` for the program, `scripts/setup.sh dev` with the tools to test it.
# Does nothing when .venv already holds what the lock says. PYTHON=… chooses another interpreter.
set -eu
cd "$(dirname "$0")/.."
want=${1:-run}
lock=requirements/$want.txt
stamp=.venv/.installed-$want

# Everything that decides what .venv must hold; a change of any of them installs again.
state=$(cat requirements/run.txt "$lock" pyproject.toml tracker/__init__.py | cksum)
if [ -x .venv/bin/python ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$state" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

if [ -n "${PYTHON:-}" ] && ! command -v "$PYTHON" >/dev/null 2>&1; then
    echo "PYTHON=$PYTHON is no program: trying the usual names" >&2
fi
python=
old=
for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    if ! "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        old="$candidate is $("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo broken)"
        continue
    fi
    python=$candidate
    "$candidate" -c 'import ensurepip, venv' 2>/dev/null && break
done
if [ -z "$python" ]; then
    echo "tracker needs Python 3.11 or later${old:+ ($old)}: install it, or name it with: make run PYTHON=/path/to/python3" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "$python has no venv module: install it (Debian, Ubuntu: apt install python3-venv), then run make again" >&2
    exit 1
fi

if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    rm -rf .venv
    echo "making .venv with $("$python" --version)"
    "$python" -m venv .venv
fi
echo "installing what $lock names (once; it takes a minute)"
pip="env PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip --quiet --no-input"
if ! $pip install --require-hashes -r "$lock"; then
    echo "could not install what $lock names: see pip's message above (without a network nothing can be installed)" >&2
    exit 1
fi
# pip refuses hashes together with an editable project, hence a second call that installs nothing else.
$pip install --no-deps --no-build-isolation --editable .
# The development lock holds everything of the other one.
[ "$want" = run ] || cat requirements/run.txt requirements/run.txt pyproject.toml tracker/__init__.py | cksum > .venv/.installed-run
echo "$state" > "$stamp"
