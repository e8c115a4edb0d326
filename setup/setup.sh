#!/usr/bin/env bash
# Sets this checkout up; safe to run again, and then done in a moment. See setup/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."

WANT_TESTS=no
WANT_CALLS=yes
for option in "$@"; do
    case "$option" in
    --tests) WANT_TESTS=yes ;;
    --checks) WANT_CALLS=no ;;
    --help | -h)
        echo "usage: setup/setup.sh [--tests | --checks]"
        exit 0
        ;;
    *)
        echo "setup: unknown option $option; expected --tests or --checks" >&2
        exit 2
        ;;
    esac
done

STAMPS=var/setup
VENV=.venv
ROOT=${CALLCENTER_ASTERISK_ROOT:-var/asterisk-root}
APT_OPTIONS=(-y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
APT_UPDATED=no
mkdir -p "$STAMPS"

# Two at a time would trip over each other.
exec 9>"$STAMPS/lock"
if ! flock -n 9; then
    echo "setup: another one is at work here; waiting for it"
    flock 9
fi

fail() {
    echo "setup: $*" >&2
    exit 1
}

# step NAME TEXT COMMAND...: one line when it begins, its seconds when it is done.
step() {
    local name=$1 text=$2 began=$SECONDS
    shift 2
    printf '%s ... ' "$text"
    if "$@" >"$STAMPS/$name.log" 2>&1; then
        printf 'done (%d s)\n' $((SECONDS - began))
    else
        printf 'FAILED (%d s)\n' $((SECONDS - began))
        tail -n 25 "$STAMPS/$name.log" >&2
        fail "$text failed; all of it is in $STAMPS/$name.log"
    fi
}

# stamped NAME KEY TEXT COMMAND...: the step, unless it was done with the same inputs.
stamped() {
    local name=$1 key=$2
    shift 2
    if [ "$(cat "$STAMPS/$name" 2>/dev/null)" = "$key" ]; then
        return
    fi
    rm -f "$STAMPS/$name"
    step "$name" "$@"
    printf '%s\n' "$key" >"$STAMPS/$name"
}

# ------------------------------------------------------------------ system packages

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "needs root, and there is no sudo: run as root: $*"
        return 1
    fi
}

apt_update() {
    local log
    log=$(as_root apt-get update -q 2>&1) || true
    echo "$log"
    # A mirror that lags behind is past its date, and signed all the same.
    if grep -qiE "release file .*(expired|not valid)" <<<"$log"; then
        as_root apt-get update -q -o Acquire::Check-Valid-Until=false || true
    fi
}

apt_install() {
    if [ "$APT_UPDATED" = no ]; then
        apt_update
        APT_UPDATED=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${APT_OPTIONS[@]}" "$@"
}

have() { command -v "$1" >/dev/null 2>&1; }

usable_python() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in python3.11 python3 python3.12 python3.13 /usr/bin/python3; do
        if have "$candidate" && usable_python "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
}

node_is_recent() {
    have npm && have node && [ "$(node -p 'parseInt(process.versions.node)' 2>/dev/null || echo 0)" -ge 18 ]
}

# Older ones deadlock under load; callcenter/asterisk/installed.py has the last word.
OLDEST_ASTERISK=22.10.1

own_asterisk() {
    local version
    version=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command asterisk -V 2>/dev/null | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1)
    [ -n "$version" ] &&
        [ "$(printf '%s\n' "$OLDEST_ASTERISK" "$version" | sort -V | head -n 1)" = "$OLDEST_ASTERISK" ]
}

missing_packages() {
    if [ -z "$(find_python)" ]; then echo python3 python3-venv; fi
    if [ "$WANT_CALLS" = yes ]; then
        have flite || echo flite
        have espeak-ng || echo espeak-ng
        have baresip || echo baresip-core
        have unshare && have nsenter || echo util-linux
        have mount || echo mount
        node_is_recent || echo nodejs npm
        own_asterisk || [ -x "$ROOT/usr/sbin/asterisk" ] || have mmdebstrap || echo mmdebstrap
    fi
    if [ "$WANT_TESTS" = yes ]; then
        have sipp || echo sip-tester
        have sox || echo sox
        have chromium || have chromium-browser || have google-chrome || echo chromium
    fi
}

packages() {
    local missing
    mapfile -t missing < <(missing_packages | tr ' ' '\n')
    if [ ${#missing[@]} -gt 0 ]; then
        have apt-get || fail "needs ${missing[*]}; this machine has no apt to get them with"
        step packages "system packages: ${missing[*]}" apt_install "${missing[@]}"
        mapfile -t missing < <(missing_packages | tr ' ' '\n')
        [ ${#missing[@]} -eq 0 ] || fail "still missing after the installation: ${missing[*]}"
    fi
}

# ------------------------------------------------------------------ Python

python_environment() {
    local python=$1
    rm -rf "$VENV"
    "$python" -m venv "$VENV"
    pip_install --require-hashes -r setup/build.lock
    pip_install --require-hashes -r requirements.lock
    pip_install --no-deps --no-build-isolation -e .
}

pip_install() {
    "$VENV/bin/python" -m pip install --quiet --progress-bar off --disable-pip-version-check \
        --no-input --root-user-action ignore "$@"
}

# ------------------------------------------------------------------ the console

console() (
    cd callcenter/console
    npm ci --no-audit --no-fund --loglevel=error
    npm run build
)

console_key() {
    find callcenter/console -path '*/node_modules' -prune -o -path '*/dist' -prune -o -type f -print0 |
        sort -z | xargs -0 sha256sum | sha256sum
}

# ------------------------------------------------------------------ Asterisk

asterisk_root() {
    if build_root; then
        return
    fi
    # Its archive may be signed with a key that is younger than this machine's keyring.
    if grep -q "keyring" "$STAMPS/asterisk.log" && have apt-get; then
        echo "trying again with this release's newest keyring"
        apt_install --only-upgrade debian-archive-keyring
        build_root
        return
    fi
    return 1
}

build_root() {
    as_root env CALLCENTER_ASTERISK_ROOT="$ROOT" "$VENV/bin/python" -m callcenter.lab.root "$ROOT"
}

# ------------------------------------------------------------------ the way

packages
PYTHON=$(find_python)
LOCKS=$(cat requirements.lock setup/build.lock pyproject.toml | sha256sum)
[ -x "$VENV/bin/python" ] || rm -f "$STAMPS/python"
stamped python "$PWD $PYTHON $LOCKS" "Python environment (about 500 MB, every file checked by hash)" \
    python_environment "$PYTHON"
if [ "$WANT_CALLS" = yes ]; then
    [ -f callcenter/console/dist/index.html ] || rm -f "$STAMPS/console"
    stamped console "$(console_key)" "console: packages and build" console
    [ -x "$ROOT/usr/sbin/asterisk" ] || own_asterisk || rm -f "$STAMPS/asterisk"
    stamped asterisk "$ROOT $(cat callcenter/lab/root.py callcenter/asterisk/installed.py | sha256sum)" \
        "Asterisk (the machine's own, or a root of 350 MB)" asterisk_root
    stamped speech "$LOCKS" "speech model: tiny-en, inside the environment" \
        "$VENV/bin/python" -m callcenter models check tiny-en
fi
