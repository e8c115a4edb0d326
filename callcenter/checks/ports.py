"""Who holds the ports that the settings name."""

from __future__ import annotations

import http.client
import os
import socket
from collections.abc import Iterator

from callcenter.checks.finding import Finding
from callcenter.settings import Secrets, Settings

PROBE_TIMEOUT_S = 1.0


def look_at_ports(settings: Settings, secrets: Secrets) -> Iterator[Finding]:
    """A port may be taken by what is meant to have it, and by nothing else."""
    asterisk_runs = _is_our_asterisk(settings, secrets)
    service_runs = _is_our_service(settings, secrets)
    sip, ami, agi, api = settings.sip, settings.ami, settings.fastagi, settings.api
    wanted = [
        ("sip.port", sip.host, sip.port, True, asterisk_runs),
        ("ami.port", ami.host, ami.port, False, asterisk_runs),
        *(
            [("ari.port", settings.ari.host, settings.ari.port, False, asterisk_runs)]
            if sip.wideband
            else []
        ),
        ("fastagi.port", agi.host, agi.port, False, service_runs),
        ("api.port", api.host, api.port, False, service_runs),
    ]
    if settings.speech.enabled:
        for number in range(settings.speech.workers or os.cpu_count() or 1):
            port = settings.speech.first_port + number
            wanted.append(
                (f"speech.first_port + {number}", settings.speech.host, port, False, service_runs)
            )
    for name, host, port, datagram, ours in wanted:
        if ours:
            yield Finding("ok", name, f"{host}:{port} is held by what is meant to have it")
            continue
        failure = _cannot_bind(host, port, datagram=datagram)
        if failure:
            yield Finding(
                "error",
                name,
                f"{host}:{port}: {failure}; end what holds it or choose another port",
            )
        else:
            yield Finding("ok", name, f"{host}:{port} is free")


def _cannot_bind(host: str, port: int, *, datagram: bool) -> str:
    kinds = [socket.SOCK_STREAM, *([socket.SOCK_DGRAM] if datagram else [])]
    for kind in kinds:
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=kind)[0]
            with socket.socket(family, kind) as probe:
                if kind is socket.SOCK_STREAM:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except OSError as error:
            return error.strerror or str(error)
    return ""


def _is_our_asterisk(settings: Settings, secrets: Secrets) -> bool:
    """Whether an Asterisk with these passwords has the port; another one would refuse them."""
    login = (
        f"Action: Login\r\nUsername: {settings.ami.reader}\r\n"
        f"Secret: {secrets.ami_reader}\r\nEvents: off\r\n\r\n"
    )
    said = b""
    try:
        address = (settings.ami.host, settings.ami.port)
        with socket.create_connection(address, timeout=PROBE_TIMEOUT_S) as link:
            link.sendall(login.encode())
            while b"Response: " not in said and (more := link.recv(1024)):
                said += more
    except OSError:
        return False
    return b"Response: Success" in said


def _is_our_service(settings: Settings, secrets: Secrets) -> bool:
    """Whether a service that knows this token has the port."""
    link = http.client.HTTPConnection(settings.api.host, settings.api.port, timeout=PROBE_TIMEOUT_S)
    try:
        headers = {"Authorization": f"Bearer {secrets.api_token}"}
        link.request("GET", "/api/v1/queues", headers=headers)
        return link.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()
