#!/bin/sh
# load.sh GROUP_DIR... KIND: joins the control groups, then uses CPU until it is killed. For busybox too.
#   steady     a little in each 200 ms
#   bursty     two seconds all it gets, three nothing
#   throttled  all it gets
while [ $# -gt 1 ]; do
  echo $$ >"$1/cgroup.procs"
  shift
done

some() {
  i=0
  while [ $i -lt "$1" ]; do i=$((i + 1)); done
}

case $1 in
  steady) while :; do some 100 && sleep 0.2; done ;;
  bursty)
    while :; do
      end=$(($(date +%s) + 2))
      while [ "$(date +%s)" -lt $end ]; do some 2000; done
      sleep 3
    done
    ;;
  throttled) while :; do some 1000; done ;;
esac
