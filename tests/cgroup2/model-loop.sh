#!/bin/sh
# The model in the virtual machine: all the CPU it gets.
while :; do :; done
