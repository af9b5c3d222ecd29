#!/usr/bin/env bash
# The whole path on this machine, from an attack to the administrator's Telegram and mailbox: ./demo.sh --help.
# Prepares (packages that are missing, the build, the servers), then hands over to tests/demo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly logs=build/demo-logs

die() {
  echo "demo: $*" >&2
  exit 1
}

# step WHAT COMMAND...: its output goes to a log, whose end is shown when it fails.
step() {
  local what=$1 log=$logs/$1.log
  shift
  "$@" >"$log" 2>&1 || {
    tail -n 15 "$log" >&2
    die "$what failed; all of it is in $log"
  }
}

missing_packages() {
  local package
  while read -r package; do
    case $package in '' | '#'*) continue ;; esac
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done <.ci/packages-build
}

install_packages() {
  local -a missing root=()
  mapfile -t missing < <(missing_packages)
  [ "${#missing[@]}" -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "run as root, or have these packages installed: ${missing[*]}"
    sudo -v || die "sudo is needed to install: ${missing[*]}"
    root=(sudo)
  fi
  echo "demo: installing ${#missing[@]} Debian packages"
  step packages-list "${root[@]}" apt-get -q update
  step packages "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -yq install --no-install-recommends "${missing[@]}"
}

# A signal to us ends the compiler too, and so does our death.
child=
stop() {
  trap - INT TERM HUP
  kill "$child" 2>/dev/null || true
  exit "$1"
}

build() {
  step configure cmake --preset release
  trap 'stop 130' INT
  trap 'stop 143' TERM
  trap 'stop 129' HUP
  setpriv --pdeathsig TERM ninja -C build/release fraud-model fraud-sidecar fraud-attack &
  child=$!
  wait "$child" || die "the build failed, see above"
  trap - INT TERM HUP
}

case " $* " in
  *' --help '* | *' -h '*) ;; # tells, and needs nothing but Python
  *)
    command -v apt-get >/dev/null || die "this needs Debian 12 (apt)"
    # A wrong flag is told before the build, where there is a Python to tell it.
    [ ! -x /usr/bin/python3 ] || /usr/bin/python3 -m tests.demo.arguments "$@" || exit 2
    mkdir -p "$logs" || die "cannot write to $logs"
    install_packages
    echo "demo: building fraud-model, fraud-sidecar and fraud-attack"
    build
    step servers /usr/bin/python3 -m tests.stack.servers
    ;;
esac
[ -x /usr/bin/python3 ] || die "needs python3 (apt-get install python3)"
exec /usr/bin/python3 -m tests.demo "$@"
