"""Fetches pictures from the web on behalf of rows that nobody vouches for: limited in time, size, hops and hosts."""

import ipaddress
import os
import socket
import time
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util.connection import create_connection

from core.inference.batch_places import WEB, scheme_of

MAX_BYTES = 20 * 1024**2
CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 5.0, 10.0, 20.0
MOST_REDIRECTS = 3
ALLOW_PRIVATE = "SHELFWISE_ALLOW_PRIVATE_URLS"
_BLOCK_BYTES = 64 * 1024
_HOSTS_KEPT, _CONNECTIONS_PER_HOST = 32, 16


class PrivateAddressError(OSError):
    """A host that is not on the public internet."""


class WebFetcher:
    """Reads pictures by address. Safe to use from several threads.

    Hosts that resolve to loopback, private, link-local or other addresses outside the public internet are refused,
    unless the environment says `SHELFWISE_ALLOW_PRIVATE_URLS=1`. The address that was judged is the one that is
    connected to, so that a name cannot change its meaning in between; redirects are judged likewise.

    Args:
        trusted_host: One host that may be anywhere.
    """

    def __init__(self, trusted_host: str | None = None) -> None:
        retries = urllib3.Retry(connect=1, read=1, redirect=MOST_REDIRECTS, status=0, other=0, backoff_factor=0.2)
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        self._pools = urllib3.PoolManager(
            _HOSTS_KEPT, maxsize=_CONNECTIONS_PER_HOST, retries=retries, timeout=timeout,
            headers={"User-Agent": "Shelfwise", "Accept": "image/*"},
        )  # fmt: skip
        allows_all = os.environ.get(ALLOW_PRIVATE) == "1"
        self._pools.pool_classes_by_scheme = _judging_pools(trusted_host, allows_all)

    def fetch(self, url: str) -> bytes | str:
        """The bytes at an address, or why there are none, for people."""
        if scheme_of(url) not in WEB:
            return f"'{url}' is no web address"
        started = time.monotonic()
        try:
            answer = self._pools.request("GET", url, preload_content=False)
            try:
                return self._read(answer, url, started)
            finally:
                answer.close() if answer.connection is not None else answer.release_conn()
        except (HTTPError, LocationParseError, OSError, UnicodeError, ValueError) as fault:
            return f"'{url}' could not be fetched: {_reason(fault)}"

    def _read(self, answer: urllib3.BaseHTTPResponse, url: str, started: float) -> bytes | str:
        if answer.status != 200:
            return f"'{url}' answered {answer.status}"
        blocks: list[bytes] = []
        n_bytes = 0
        for block in answer.stream(_BLOCK_BYTES, decode_content=True):
            blocks.append(block)
            n_bytes += len(block)
            if n_bytes > MAX_BYTES:
                return f"'{url}' is larger than {MAX_BYTES // 1024**2} MiB"
            if time.monotonic() - started > TOTAL_SECONDS:
                return f"'{url}' took more than {TOTAL_SECONDS:.0f} seconds"
        return b"".join(blocks)


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _judging_pools(trusted_host: str | None, allows_all: bool) -> dict[str, Any]:
    """Connection pools whose connections go to judged addresses only."""

    def connect(connection: HTTPConnection) -> socket.socket:
        host, port = connection._dns_host, connection.port
        is_trusted = allows_all or (trusted_host is not None and host.lower() == trusted_host.lower())
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not is_trusted and not all(map(is_public, addresses)):
            raise PrivateAddressError("the host is not on the public internet")
        return create_connection((addresses[0], port), connection.timeout, socket_options=connection.socket_options)

    class JudgedConnection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self)

    class JudgedTlsConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self)

    class JudgedPool(HTTPConnectionPool):
        ConnectionCls = JudgedConnection

    class JudgedTlsPool(HTTPSConnectionPool):
        ConnectionCls = JudgedTlsConnection

    return {"http": JudgedPool, "https": JudgedTlsPool}


def _reason(fault: BaseException) -> str:
    """The innermost fault, in a few words."""
    inner: BaseException | None = fault
    while inner is not None:
        fault = inner
        reason = getattr(inner, "reason", None)
        inner = reason if isinstance(reason, BaseException) else (inner.__cause__ or None)
    return (str(fault) or type(fault).__name__).splitlines()[0]
