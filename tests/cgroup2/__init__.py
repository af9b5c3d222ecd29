"""fraud-sidecar's sampler on a kernel with cgroup v2 alone, in a virtual machine laid out as a pod; and
its 60 s mean against the kernel's counter, there and here. A big suite.

    /usr/bin/python3 -m unittest discover -t . -s tests/cgroup2
"""
