#!/usr/bin/env bash
# One part of ./test.sh: `bash tests/suites/part.sh NAME [OPTION...]`, from the checkout. ./test.sh gives it a log,
# a time limit and a place for its counts; the parts and their meaning are in table.sh.
set -euo pipefail

readonly part=$1
shift
readonly logs=build/test-logs
readonly python=/usr/bin/python3
cores=$(nproc)
export PYTHONDONTWRITEBYTECODE=1

die() {
  echo "$part: $*"
  exit 1
}

# count PASSED FAILED: adds to what ./test.sh sums up.
count() { echo "$1 $2" >>"$logs/$part.count"; }

# check COMMAND...: runs it as one test.
check() {
  echo "+ $*"
  if "$@"; then count 1 0; else count 0 1; fi
}

# counted COMMAND...: runs it and counts what its own closing lines say (ctest, unittest, pytest).
counted() {
  local code=0 out=$logs/$part.out
  "$@" 2>&1 | tee "$out" || code=$?
  awk '
    /tests failed out of/ { failed += $4; passed += $NF - $4; seen = 1 }
    /^Ran [0-9]+ tests?/ { passed += $2; seen = 1 }
    /^(OK|FAILED) \(/ { line = $0
      while (match(line, /[a-z]+=[0-9]+/)) {
        pair = substr(line, RSTART, RLENGTH); line = substr(line, RSTART + RLENGTH)
        n = substr(pair, index(pair, "=") + 1)
        if (pair ~ /^(failures|errors)=/) { failed += n; passed -= n }
        if (pair ~ /^skipped=/) { skipped += n; passed -= n }
      }
    }
    END { if (!seen) exit 1; print passed + 0, failed + 0, skipped + 0 }' "$out" >>"$logs/$part.count" || true
  rm -f "$out"
  return "$code"
}

# Files of the repository that are there, also those not yet committed.
tracked() {
  git -c safe.directory='*' ls-files -co --exclude-standard -- "$@" | while read -r f; do [ ! -f "$f" ] || echo "$f"; done
}

# scripts_of INTERPRETER SUFFIX: by the suffix, or by the first line.
scripts_of() {
  {
    tracked "*$2"
    # shellcheck disable=SC2016
    tracked | xargs -d '\n' awk -v shebang="^#!.*$1" 'FNR == 1 && $0 ~ shebang { print FILENAME } { nextfile }'
  } | sort -u
}

# compiled PRESET [TARGET...]: configures when needed, then builds.
compiled() {
  local preset=$1
  shift
  cmake --preset "$preset" -DFRAUD_WERROR=ON >"$logs/$part.cmake" 2>&1 || { cat "$logs/$part.cmake" && return 1; }
  rm -f "$logs/$part.cmake"
  ninja -C "build/$preset" "$@"
}

unit_tests() { counted ctest --test-dir "build/$1" -L unit -j "$cores" --output-on-failure --no-tests=error; }

part_build() { compiled release; }

part_unit() {
  compiled release
  unit_tests release
}

part_asan() {
  compiled asan
  ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1 unit_tests asan
}

part_tsan() {
  compiled tsan
  # Debian's kernels place mappings where gcc 12's thread sanitizer cannot follow.
  TSAN_OPTIONS=halt_on_error=1 counted setarch -R ctest --test-dir build/tsan -L unit -j "$cores" \
    --output-on-failure --no-tests=error
}

part_style() { counted "$python" tests/style/style_test.py; }

part_format() {
  local -a files
  mapfile -t files < <(tracked '*.cc' '*.h')
  clang-format-14 --dry-run -Werror "${files[@]}"
  count 1 0
  echo "${#files[@]} files"
}

part_scripts() {
  local script
  while read -r script; do check shellcheck -x "$script"; done < <(scripts_of '(/| )(ba)?sh$' .sh)
  while read -r script; do check "$python" -m pyflakes "$script"; done < <(scripts_of python3 .py)
}

part_tidy() {
  compiled release # the headers and flags that it needs
  "$python" tests/suites/tidy.py --build build/release --jobs "$cores" --counts "$logs/$part.count" "$@"
}
part_tidy-all() { part_tidy --all; }

part_fuzz() {
  compiled fuzz
  "$python" tests/suites/fuzz.py --build build/fuzz --seconds "${1:-10}" --jobs "$cores" \
    --artifacts "$logs" --counts "$logs/$part.count"
}
part_fuzz-long() { part_fuzz 300; }

part_bench() {
  compiled release fraud-model fraud-sidecar fraud-attack forest_bench
  check bench/run --check --long
}

# shellcheck source=tests/suites/stack_parts.sh
. tests/suites/stack_parts.sh
# shellcheck source=tests/suites/cgroup2_part.sh
. tests/suites/cgroup2_part.sh
# shellcheck source=tests/suites/ledger_part.sh
. tests/suites/ledger_part.sh

"part_$part" "$@"
