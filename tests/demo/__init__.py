"""The demo: one hot model, from its cgroup to the administrator's mailbox. Started by ./demo.sh."""
