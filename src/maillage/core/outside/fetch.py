"""The only door to other machines: one bounded download, from public addresses only.

The name is resolved once, the addresses are checked, and the connection goes to that very address, so that a name that
changes its mind between the check and the call gains nothing. Redirections are followed by hand and checked alike.
What comes is unpacked by ourselves, a block at a time: a small answer may stand for gigabytes.
"""

from __future__ import annotations

import io
import ipaddress
import os
import socket
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO
from urllib.parse import urljoin

import httpx
from django.utils.translation import gettext as _

from maillage.core.errors import Invalid
from maillage.core.outside.deadline import HastyTransport, left_of

MOST_REDIRECTS = 3
AGENT = "maillage (open civic platform)"
BLOCK = 1 << 16
NAT64 = ipaddress.ip_network("64:ff9b::/96")
_REDIRECTED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Version:
    """By what a server tells one state of a file from another."""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> dict[str, str]:
        """What asks the server whether it has anything newer."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True)
class Fetched:
    """What an address answered."""

    content: bytes
    content_type: str
    final_url: str
    version: Version = Version()
    is_unchanged: bool = False


@dataclass(frozen=True)
class _Asked:
    """What one download is held to, and where its blocks go."""

    max_bytes: int
    until: float
    known: Version
    sink: IO[bytes]


def fetch(url: str, *, max_bytes: int, timeout: float) -> Fetched:
    """Downloads an http(s) address; `timeout` is for the whole download, in seconds.

    Raises Invalid, in the user's words, for an address that is private or wrong, an answer that is no success, too large,
    or too slow.
    """
    sink = io.BytesIO()
    told = fetch_into(sink, url, max_bytes=max_bytes, timeout=timeout)
    return replace(told, content=sink.getvalue())


def fetch_into(
    sink: IO[bytes], url: str, *, max_bytes: int, timeout: float, known: Version | None = None
) -> Fetched:  # fmt: skip
    """As `fetch`, written to a file block by block: memory does not grow with the answer, `content` stays empty.

    With the version that is `known`, a server may answer that nothing changed: `is_unchanged`, and nothing is written.
    """
    asked = _Asked(max_bytes, time.monotonic() + timeout, known or Version(), sink)
    try:
        transport = HastyTransport(asked.until)
        with httpx.Client(transport=transport, trust_env=False, follow_redirects=False) as client:
            for _hop in range(MOST_REDIRECTS + 1):
                answer = _one(client, url, asked)
                if isinstance(answer, Fetched):
                    return answer
                url = answer
    except httpx.TimeoutException as fault:
        raise Invalid(_("L’adresse {url} a répondu trop lentement.").format(url=url)) from fault
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as fault:
        raise Invalid(
            _("L’adresse {url} n’a pas pu être lue ({why}).").format(url=url, why=str(fault)[:200])
        ) from fault
    raise Invalid(_("L’adresse {url} renvoie ailleurs trop de fois.").format(url=url))


def _one(client: httpx.Client, url: str, asked: _Asked) -> Fetched | str:
    """One request: the answer, or the address it sends to."""
    target = httpx.URL(url)
    if target.scheme not in {"http", "https"} or not target.host or target.userinfo:
        raise Invalid(_("Seules les adresses http:// et https:// simples sont lues : {url}").format(url=url))
    address = public_address(target.host, target.port or (443 if target.scheme == "https" else 80))
    request = client.build_request(
        "GET",
        target.copy_with(host=address),
        headers={
            "Host": target.netloc.decode("ascii"),
            "User-Agent": AGENT,
            "Accept-Encoding": "identity",
            **asked.known.headers(),
        },
        extensions={
            "sni_hostname": target.raw_host.decode("ascii"),
            "timeout": httpx.Timeout(left_of(asked.until)).as_dict(),
        },
    )
    response = client.send(request, stream=True)
    try:
        if response.status_code in _REDIRECTED and "Location" in response.headers:
            return urljoin(url, response.headers["Location"])
        if response.status_code == 304 and asked.known.headers():
            return Fetched(b"", "", url, asked.known, is_unchanged=True)
        if response.status_code != 200:
            message = _("L’adresse {url} répond par l’erreur {code}.")
            raise Invalid(message.format(url=url, code=response.status_code))
        _take(response, url, asked)
        return Fetched(b"", response.headers.get("Content-Type", ""), url, _version_of(response))
    finally:
        response.close()


def _version_of(response: httpx.Response) -> Version:
    return Version(response.headers.get("ETag", "")[:200], response.headers.get("Last-Modified", "")[:60])


def _take(response: httpx.Response, url: str, asked: _Asked) -> None:
    size = 0
    for block in _unpacked(response, url):
        size += len(block)
        if size > asked.max_bytes:
            limit = asked.max_bytes // 1_000_000
            raise Invalid(_("L’adresse {url} envoie plus de {size} Mo.").format(url=url, size=limit))
        left_of(asked.until)
        asked.sink.write(block)


def _unpacked(response: httpx.Response, url: str) -> Iterator[bytes]:
    """The content in blocks of bounded size, of a server that compresses though it was asked not to."""
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    if coding in {"", "identity"}:
        yield from response.iter_raw()
        return
    if coding not in {"gzip", "x-gzip"}:
        message = _("L’adresse {url} envoie un contenu compressé d’une façon qui n’est pas lue ({coding}).")
        raise Invalid(message.format(url=url, coding=coding[:20]))
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        for packed in response.iter_raw():
            left = packed
            while left and not unpacking.eof:
                yield unpacking.decompress(left, BLOCK)
                left = unpacking.unconsumed_tail
    except zlib.error as fault:
        raise Invalid(_("L’adresse {url} envoie un contenu abîmé.").format(url=url)) from fault
    if not unpacking.eof:
        raise Invalid(_("L’adresse {url} envoie un contenu abîmé.").format(url=url))


def public_address(host: str, port: int) -> str:
    """The address that a name stands for; raises Invalid when any of its addresses is not a public one."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise Invalid(_("Le nom {host} est introuvable.").format(host=host)) from fault
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(_is_allowed(address) for address in addresses):
        raise Invalid(_("L’adresse {host} n’est pas publique : elle n’est pas lue.").format(host=host))
    return addresses[0]


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to (mapped, 6to4, Teredo, NAT64), where it may hide a private one."""
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _is_allowed(address: str) -> bool:
    one = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(one, ipaddress.IPv6Address):
        one = _inner(one) or one
    if one.is_loopback:
        return os.environ.get("MAILLAGE_OUTSIDE_ALLOW_LOOPBACK", "") == "1"
    return one.is_global and not one.is_multicast
