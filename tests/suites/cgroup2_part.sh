# shellcheck shell=bash disable=SC2154
# The part of part.sh that boots a virtual machine with cgroup v2.

part_cgroup2() {
  compiled release fraud-sidecar mean_error
  "$python" -m tests.cgroup2.packages
  counted "$python" -m unittest discover -v -s tests/cgroup2 -t .
}
