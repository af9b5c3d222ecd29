# shellcheck shell=bash disable=SC2154
# The ledger's part of part.sh. Its options are tests/ledger's: --kills N, --seed N, --mutants, --keep.

part_ledger() {
  compiled release fraud-sidecar ledger_shim
  counted "$python" -m unittest tests.ledger.test_account tests.ledger.test_faults tests.ledger.test_receivers
  "$python" -m tests.ledger --counts "$logs/$part.count" --table "$logs/$part.table" "$@"
}
