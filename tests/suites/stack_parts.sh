# shellcheck shell=bash disable=SC2154
# The parts of part.sh that need Debian packages or the real servers of tests/stack.

# Names in .ci/packages-* that are not installed.
missing_packages() {
  local -a wanted
  mapfile -t wanted < <(sed 's/#.*//; s/[[:space:]]//g; /^$/d' .ci/packages-build .ci/packages-test | sort -u)
  comm -23 <(printf '%s\n' "${wanted[@]}") \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | awk '$1 == "installed" { print $2 }' | sort -u)
}

part_packages() {
  local -a missing root=()
  mapfile -t missing < <(missing_packages)
  if [ "${#missing[@]}" -gt 0 ]; then
    if [ "$(id -u)" != 0 ]; then
      command -v sudo >/dev/null || die "run as root, or install: ${missing[*]}"
      sudo -n true || die "sudo asks for a password; run first: sudo apt-get install ${missing[*]}"
      root=(sudo -n)
    fi
    "${root[@]}" apt-get update -q
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${missing[@]}"
  fi
  # As itself: a part run by sudo would leave the user files that are root's.
  "$python" -m tests.stack.servers
}

part_rules() { "$python" -m tests.suites.rules "$logs/$part.count"; }

# environment FILE: the python of an environment with the packages that the file lists.
environment() { "$python" -m tests.stack.venv "$1"; }

part_training() {
  local own
  own=$(environment dags/requirements.txt)
  PYTHONPATH=dags counted "$own" -m unittest discover -v -s tests/training -t .
}

part_model() {
  local own
  compiled release fraud-model score_rows
  counted "$python" -m unittest discover -v -s tests/model -t .
  own=$(environment dags/requirements.txt)
  counted "$own" -m tests.model.oracle
  own=$(environment tests/model/requirements.txt)
  counted "$own" -m tests.model.openapi_check
}

part_process() {
  compiled release fraud-model fraud-sidecar
  counted "$python" -m unittest discover -v -s tests/process -t .
}

part_telegram-channel() {
  compiled release fraud-sidecar
  counted "$python" -m unittest discover -v -s tests/telegram -t .
}

part_flood() {
  compiled release fraud-model fraud-sidecar fraud-attack
  counted "$python" -m unittest discover -v -s tests/flood -t .
}

part_old-binary() {
  compiled release fraud-sidecar
  counted "$python" -m unittest -v tests.suites.old_binary
}

part_demo() {
  local summary=$logs/demo.json alertmanagers
  compiled release fraud-model fraud-sidecar fraud-attack
  for alertmanagers in 1 2; do
    rm -f "$summary"
    ./demo.sh --alertmanagers "$alertmanagers" --json "$summary"
    "$python" tests/suites/demo_summary.py "$summary"
    count 1 0
  done
}
