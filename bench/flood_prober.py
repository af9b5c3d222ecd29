"""Asks for a page at a steady pace, as kubelet does, each time over a new connection.

    /usr/bin/python3 -m bench.flood_prober HOST PORT PATH BOUND_SECONDS

Every 100 ms one question, whether or not the last one was answered. After SIGTERM it waits for
those under way, then prints {"asked", "answered", "worst_ms"}: answered with 200 within the bound.
"""

import asyncio
import json
import signal
import sys
import time

EVERY_S = 0.1


async def _status(host, port, path):
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return (await reader.read(4096)).split(b" ", 2)[1:2]
    finally:
        writer.close()


async def probe(host, port, path, bound_s):
    """Seconds until the answer 200, or None: another one, none, or none in time."""
    began = time.monotonic()
    try:
        status = await asyncio.wait_for(_status(host, port, path), bound_s)
    except (OSError, asyncio.TimeoutError):
        return None
    return time.monotonic() - began if status == [b"200"] else None


async def run(host, port, path, bound_s):
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    print("begun", flush=True)
    probes, next_at = [], time.monotonic()
    while not stopped.is_set():
        probes.append(asyncio.create_task(probe(host, port, path, bound_s)))
        next_at += EVERY_S
        try:
            await asyncio.wait_for(stopped.wait(), max(next_at - time.monotonic(), 0))
        except asyncio.TimeoutError:
            continue
    found = await asyncio.gather(*probes)
    in_time = [seconds for seconds in found if seconds is not None]
    print(json.dumps({"asked": len(found), "answered": len(in_time),
                      "worst_ms": max(in_time) * 1000 if in_time else None}))


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])))
