# shellcheck shell=bash
# The suites of ./test.sh and .ci/run, in the order they run: the only list.
#
#   when     default  part of a plain ./test.sh
#            named    only by name, or ./test.sh all
#            big      by name, and by .ci/run when one of its folders (or base/) was touched lately
#   minutes  what it takes at most, cold on two cores; ended as failed after twice that
#   folders  what a big suite covers: comma-separated beginnings of paths, - for the others
suite_table() {
  cat <<'TABLE'
packages   | default | 5   | - | install the Debian packages that are missing; unpack the servers the tests run
build      | default | 10  | - | compile everything in build/release, warnings are errors
unit       | default | 3   | - | unit and contract tests (ctest)
rules      | default | 1   | - | alert rules and their tests (promtool), Alertmanager's configuration (amtool)
training   | default | 8   | - | the training library, and that it makes the shipped model again, byte for byte
model      | default | 8   | - | fraud-model: against XGBoost itself, over raw sockets, by its openapi.yaml
process    | default | 8   | - | the programs as processes, with the real Prometheus, Alertmanager and an SMTP server
telegram-channel | default | 2 | - | the strict stand-in for Telegram, and fraud-sidecar telling a chat by it, through every fault
style      | default | 1   | - | include arrows, sizes, banned calls, names that must agree
format     | default | 1   | - | clang-format-14 on every C++ file
scripts    | default | 1   | - | shellcheck on the shell scripts, pyflakes on the Python ones
tidy       | default | 14  | - | clang-tidy-14 on what the commits of the last 24 hours touched
asan       | default | 14  | - | the unit tests with address and undefined behaviour sanitizers
fuzz       | default | 8   | - | every fuzzer for 10 seconds
tidy-all   | named   | 30  | - | clang-tidy-14 on every C++ file
tsan       | named   | 15  | - | the unit tests with the thread sanitizer
fuzz-long  | named   | 60  | - | every fuzzer for 5 minutes
bench      | named   | 105 | - | bench/run --check: the ratios that were promised
flood      | big     | 10  | notifier/,sidecar/,bench/load/,tests/flood/,tests/stack/,helm-chart/files/ | every server killed at every point of the path; fraud-attack as a process
cgroup2    | big     | 5   | sidecar/cgroup/,tests/cgroup2/ | the sampler in a pod on a kernel with cgroup v2 (a small qemu guest), and its mean against the kernel's counter
old-binary | big     | 10  | sidecar/store/,tests/suites/old_binary.py | the program of before the newest step of the schema serves today's history
ledger     | big     | 12  | sidecar/,notifier/,tests/ledger/ | the sidecar killed again and again under faults: what was acknowledged against what people were told
demo       | big     | 10  | demo.sh,tests/demo/,notifier/,sidecar/,model-svc/,tests/stack/,helm-chart/files/ | ./demo.sh to its end, with one Alertmanager and with a pair, and its summary
TABLE
}

# suite_field NAME COLUMN: one cell of the table, nothing for an unknown suite.
suite_field() {
  suite_table | awk -F ' *[|] *' -v name="$1" -v column="$2" '$1 == name { print $column }'
}
suite_when() { suite_field "$1" 2; }
suite_minutes() { suite_field "$1" 3; }
suite_folders() { suite_field "$1" 4; }

# suite_names [WHEN]: the names, all of them or those of one kind.
suite_names() {
  suite_table | awk -F ' *[|] *' -v when="${1:-}" 'when == "" || $2 == when { print $1 }'
}

# suite_list WHEN: name and what it does, for --help.
suite_list() {
  suite_table | awk -F ' *[|] *' -v when="$1" '$2 == when { printf "  %-16s %s\n", $1, $5 }'
}
