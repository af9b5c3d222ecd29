"""A network of one's own: nothing but loopback, and one more address that can be taken away."""

import ctypes
import fcntl
import os
import socket
import struct

ADDRESS = "192.0.2.7"  # of documentation: nobody's

_CLONE_NEWNET = 0x40000000
_SET_ADDRESS, _GET_FLAGS, _SET_FLAGS, _UP = 0x8916, 0x8913, 0x8914, 1


class OwnNetwork:
    """The calling thread, and what it starts from now on, are alone until close(). Needs root."""

    def __init__(self):
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        self._do("unshare", _CLONE_NEWNET)
        self._set_up("lo", True)

    def add_address(self):
        """ADDRESS is reached from here on."""
        self._ask(_SET_ADDRESS, struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0,
                                            socket.inet_aton(ADDRESS)))

    def take_address(self):
        """There is no route to it any more."""
        self._set_up("lo:1", False)

    def close(self):
        self._do("setns", self._before, _CLONE_NEWNET)
        os.close(self._before)

    def _set_up(self, name, up):
        interface = name.encode()
        (flags,) = struct.unpack_from("16xh", self._ask(_GET_FLAGS, struct.pack("16sh14x", interface, 0)))
        self._ask(_SET_FLAGS, struct.pack("16sh14x", interface, flags | _UP if up else flags & ~_UP))

    @staticmethod
    def _ask(what, request):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            return fcntl.ioctl(any_socket, what, request)

    def _do(self, call, *arguments):
        if getattr(self._libc, call)(*arguments) != 0:
            raise OSError(ctypes.get_errno(), f"{call}: {os.strerror(ctypes.get_errno())}")
