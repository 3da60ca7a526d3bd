# SPDX-License-Identifier: ISC
"""Certificates made by openssl, in a folder of the test's own."""
import subprocess

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def openssl(folder, *args):
    subprocess.run(["openssl", *args], cwd=folder, check=True,
                   capture_output=True)


def make_authority(folder):
    """ca.crt and ca.key."""
    openssl(folder, "req", "-x509", *KEY, "-keyout", "ca.key", "-out",
            "ca.crt", "-subj", "/CN=authority", "-days", "30",
            "-addext", "keyUsage=critical,keyCertSign")


def make_certificate(folder, name, names):
    """NAME.crt and NAME.key: what the authority says of `names`
    (DNS:localhost)."""
    openssl(folder, "req", *KEY, "-keyout", f"{name}.key", "-out",
            f"{name}.csr", "-subj", f"/CN={name}")
    (folder / "names").write_text(f"subjectAltName={names}\n")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt",
            "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-extfile", "names", "-out", f"{name}.crt")
