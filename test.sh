#!/usr/bin/env bash
# Builds and checks the project on a Debian 12 machine. See ./test.sh --help.
set -uo pipefail
cd "$(dirname "$0")" || exit 2
. tests/suites/table.sh

readonly LOGS=build/test-logs
readonly TAIL_LINES=40

usage() {
  cat <<HELP
usage: ./test.sh [NAME... | all] [OPTION...]

Runs the parts that are named, or the default ones, and prints a line for each: seconds, result, tests.
What a part printed is in $LOGS/NAME.log. The last line counts the tests; the exit code is 0 when none failed.
Missing Debian packages are installed first (as root, or with sudo). Nothing is left running.
Options are the last named part's own: ./test.sh ledger --kills 1000. With them it may take ten times as long.

default:
$(suite_list default)
by name:
$(suite_list named)
by name, and in .ci/run when what they cover was touched:
$(suite_list big)
HELP
}

die() {
  echo "test.sh: $*" >&2
  exit 2
}

running=
stop() {
  trap - INT TERM
  # timeout hands the signal to its whole process group.
  [ -z "$running" ] || { kill -TERM "$running" 2>/dev/null; wait "$running"; }
  echo "test.sh: stopped" >&2
  exit 130
}

# run_part NAME [OPTION...]: its log, its counts in $passed and $failed, one line on the terminal.
run_part() {
  local name=$1 log=$LOGS/$1.log started code=0 counts seconds bound
  rm -f "$LOGS/$name.count" "$LOGS/$name.table"
  shift
  bound=$(($(suite_minutes "$name") * 120))
  [ $# = 0 ] || bound=$((bound * 10))
  started=$SECONDS
  printf '%-16s ' "$name"
  timeout --kill-after=20 "$bound" bash tests/suites/part.sh "$name" "$@" >"$log" 2>&1 </dev/null 9>&- &
  running=$!
  wait "$running" || code=$?
  kill -TERM -- "-$running" 2>/dev/null # what it may have left in its process group
  running=
  seconds=$((SECONDS - started))
  counts=$(awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' "$LOGS/$name.count" 2>/dev/null) ||
    counts='0 0 0'
  read -r part_passed part_failed part_skipped <<<"$counts"
  [ "$code" = 0 ] || [ "$part_failed" -gt 0 ] || part_failed=1
  passed=$((passed + part_passed)) failed=$((failed + part_failed)) not_run=$((not_run + part_skipped))
  if [ "$code" = 0 ] && [ "$part_failed" = 0 ]; then
    printf 'ok     %4d s  %s\n' "$seconds" "$(summary "$part_passed" "$part_skipped")"
    [ ! -f "$LOGS/$name.table" ] || sed 's/^/    /' "$LOGS/$name.table"
    return 0
  fi
  printf 'FAILED %4d s  %s passed, %s failed\n' "$seconds" "$part_passed" "$part_failed"
  [ "$code" != 124 ] || echo "    ended after $bound s"
  tail -n "$TAIL_LINES" "$log" | sed 's/^/    /'
  echo "    (all of it: $log)"
  return 1
}

summary() {
  [ "$1" = 0 ] || printf '%s passed' "$1"
  [ "$2" = 0 ] || printf ', %s skipped' "$2"
}

# run_all NAME...: the parts in this order; without the first two the others would fail for the same reason.
run_all() {
  local name blocked='' last=${!#}
  local -a own
  for name in "$@"; do
    own=()
    [ "$name" != "$last" ] || own=("${options[@]}")
    if [ -n "$blocked" ]; then
      skipped=$((skipped + 1))
      printf '%-16s not run: needs %s\n' "$name" "$blocked"
    elif ! run_part "$name" "${own[@]}"; then
      case $name in packages | build) blocked=$name ;; esac
    fi
  done
}

parts=() options=()
for argument in "$@"; do
  [ "${#options[@]}" = 0 ] || { options+=("$argument") && continue; }
  case $argument in
    -h | --help) usage && exit 0 ;;
    -*)
      [ "${#parts[@]}" -gt 0 ] || die "no option is named '$argument'; those of a part follow its name"
      options+=("$argument")
      ;;
    all) mapfile -t -O "${#parts[@]}" parts < <(suite_names) ;;
    *)
      [ -n "$(suite_when "$argument")" ] || die "no part is named '$argument'; ./test.sh --help lists them"
      parts+=("$argument")
      ;;
  esac
done
[ $# -gt 0 ] || mapfile -t parts < <(suite_names default)
[ "${parts[0]}" = packages ] || parts=(packages "${parts[@]}")

mkdir -p "$LOGS" || die "cannot write to $LOGS"
exec 9>build/.test.lock
flock -n 9 || die "another ./test.sh runs in this checkout"
trap stop INT TERM

passed=0 failed=0 skipped=0 not_run=0
run_all "${parts[@]}"
echo "$passed $failed" >"$LOGS/total"
[ "$skipped" = 0 ] || echo "$skipped parts were not run"
echo "$passed passed, $failed failed, $not_run skipped"
[ "$failed" = 0 ]
