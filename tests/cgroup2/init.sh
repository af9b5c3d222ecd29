#!/bin/busybox sh
# shellcheck shell=dash
# The first process of the virtual machine. Lays out a pod (pause, sidecar and model, each a control group,
# sidecar and model in namespaces of their own and as user 1000), walks through a model's life and prints what
# the sidecar exports beside what the kernel counts, as sections "@@ NAME" to "@@". Judged by test_pod.py.
/bin/busybox --install -s /bin
export PATH=/bin

mount -t devtmpfs none /dev
mount -t proc none /proc
mount -t sysfs none /sys
mount -t tmpfs none /tmp
mount -t cgroup2 none /sys/fs/cgroup
chmod 1777 /tmp
ip link set lo up

groups=/sys/fs/cgroup
pod=$groups/pod
model=$pod/model

finish() { # also where something below goes wrong
  for log in /tmp/*.log; do show "$(basename "$log")" cat "$log"; done
  poweroff -f
}
trap finish EXIT

# --- words -------------------------------------------------------------------------------------------------
show() { # show NAME COMMAND...
  echo "@@ $1"
  shift
  "$@"
  echo "@@"
}

until_true() { # until_true WHAT COMMAND...: within 20 s
  what=$1 tries=200
  shift
  until "$@"; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || { show failed echo "not in time: $what"; exit; }
    usleep 100000
  done
}

# container GROUP UID COMMAND...: joins the group, then sees it as the root, as in a container.
container() {
  group=$1 uid=$2
  shift 2
  sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec real-unshare --cgroup --mount sh -c "
    umount /sys/fs/cgroup; mount -t cgroup2 -o ro none /sys/fs/cgroup; exec real-setpriv --clear-groups --reuid \"\$@\"" sh "$@"' \
    sh "$group" "$uid" --regid "$uid" -- "$@"
}

make_model() { # make_model QUOTA: another group of the same name, and the model in it
  mkdir $model
  echo "$1 100000" >$model/cpu.max
  container $model 1000 sh /bin/model-loop &
}

end_model() {
  echo 1 >$model/cgroup.kill
  until_true "an empty group" grep -q "populated 0" $model/cgroup.events
  rmdir $model
}

sidecar() { # sidecar PORT LOG COMMAND_BEFORE... -- FLAGS...
  port=$1 log=/tmp/$2
  shift 2
  before=
  while [ "$1" != -- ]; do before="$before $1" && shift; done
  shift
  mkdir -p "$log.d" && chmod 777 "$log.d"
  $before fraud-sidecar --listen "127.0.0.1:$port" --database "$log.d/history.db" \
    --webhook-token-file /tmp/tokens "$@" >"$log" 2>&1 &
  until_true "sidecar on port $port" serves "$port"
}

metrics() { wget -q -O - "http://127.0.0.1:$1/metrics" 2>/dev/null | grep '^fraud_model_'; }
serves() { metrics "$1" >/dev/null; }
says() { metrics "$1" | grep -q "$2"; }
kernel() { cat $model/cpu.stat $model/cpu.pressure; }
usage_us() { awk '$1 == "usage_usec" { print $2 }' $model/cpu.stat; }
# Whether the sidecar on PORT has sampled since the kernel's counter was at MICROSECONDS. It stands while the
# group is throttled: only a larger one is from later.
sampled_since() {
  metrics "$1" | awk -v then="$2" '$1 == "fraud_model_cpu_usage_seconds_total" { seen = $2 * 1e6 > then + 0.5 } END { exit !seen }'
}
beside() { # beside NAME PORT: what the kernel counts before and after a sample, and that sample
  show "$1.before" kernel
  until_true "a sample" sampled_since "$2" "$(usage_us)"
  show "$1.metrics" metrics "$2"
  show "$1.after" kernel
}

# --- the pod -----------------------------------------------------------------------------------------------
echo "+cpu +memory" >$groups/cgroup.subtree_control
mkdir $pod $groups/load
echo "+cpu +memory" >$pod/cgroup.subtree_control
echo "+cpu" >$groups/load/cgroup.subtree_control
mkdir $pod/pause $pod/sidecar
echo 1 >$pod/pause/cgroup.procs
echo "demo 0123456789abcdef0123456789abcdef" >/tmp/tokens
chmod 644 /tmp/tokens

# Three loads beside it for the mean of a minute.
for kind in steady bursty throttled; do
  mkdir "$groups/load/$kind"
  echo "20000 100000" >"$groups/load/$kind/cpu.max"
  set -- "$@" "/load/$kind" "$groups/load/$kind/cpu.stat"
  sh /bin/load.sh "$groups/load/$kind" "$kind" &
done
mean_error 68 "$@" >/tmp/means 2>&1 &
means=$!
set --

sidecar 8082 pod.log container $pod/sidecar 1000 -- --target-command "^sh /bin/model-loop" --sample-interval 200ms
show early.metrics metrics 8082

make_model 20000
until_true "the model" says 8082 "target_found 1"
until_true "a ratio" says 8082 "cpu_utilization_ratio"
beside throttled 8082
show groups sh -c "cat /proc/self/cgroup; grep cgroup /proc/self/mountinfo"

# A resize in place.
echo "50000 100000" >$model/cpu.max
until_true "the new limit" says 8082 "cpu_limit_cores 0.5"
show resized.metrics metrics 8082
echo "max 100000" >$model/cpu.max
until_true "no limit" sh -c '! wget -q -O - http://127.0.0.1:8082/metrics | grep -q cpu_limit_cores'
show unlimited.metrics metrics 8082
echo "20000 100000" >$model/cpu.max

# A limit on the pod: not to be seen from inside, and the smallest from outside.
echo "max 100000" >$model/cpu.max
echo "10000 100000" >$pod/cpu.max
sidecar 8083 host.log -- --target-cgroup /pod/model --sample-interval 200ms
show ancestor.host metrics 8083
beside ancestor.first 8082
sleep 3
beside ancestor.second 8082
echo "max 100000" >$pod/cpu.max
echo "20000 100000" >$model/cpu.max

# Another user's sidecar may not look; a strict one does not want to.
sidecar 8084 other.log container $pod/sidecar 1001 -- --target-command "^sh /bin/model-loop" --cpu-limit-cores 0.2
show refused.metrics metrics 8084
sidecar 8085 strict.log container $pod/sidecar 1000 -- --target-pid "$(head -n 1 $model/cgroup.procs)" \
  --isolation strict --cpu-limit-cores 0.2
show strict.metrics metrics 8085

# The container ends and comes again: same path, other directory, other process.
end_model
until_true "the loss in the pod" says 8082 "target_found 0"
show gone.metrics metrics 8082
until_true "the loss on the host" says 8083 "target_found 0"
make_model 20000
until_true "the model again" says 8082 "target_found 1"
show again.metrics metrics 8082
until_true "the group again" says 8083 "target_found 1"
show again.host metrics 8083
until_true "a ratio again" says 8082 "cpu_utilization_ratio"
beside restarted 8082

wait $means
show means cat /tmp/means
