"""Every part of the path killed at every point of it, and the load driver as a process. The big suite.

    /usr/bin/python3 -m unittest discover -t . -s tests/flood
"""
