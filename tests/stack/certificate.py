"""A certificate authority and a server certificate for loopback, made by openssl for one run."""

import subprocess


class Certificate:
    """`ca` is what a client must trust; `server` is key and certificate in one PEM."""

    def __init__(self, stack, name="tls", valid_for="DNS:localhost,IP:127.0.0.1"):
        folder = stack.folder(name)
        self.ca = folder / "ca.pem"
        self.server = folder / "server.pem"
        make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-days", "2"]
        _run(make + ["-subj", f"/CN=authority {name}", "-keyout", "ca.key", "-out", "ca.pem",
                     "-addext", "keyUsage=critical,keyCertSign"], folder)
        _run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
              "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr"], folder)
        (folder / "names").write_text(f"subjectAltName={valid_for}\n", encoding="ascii")
        _run(["openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
              "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", "server.crt"], folder)
        self.server.touch(mode=0o600)
        self.server.write_bytes((folder / "server.key").read_bytes()
                                + (folder / "server.crt").read_bytes())


def _run(command, folder):
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
