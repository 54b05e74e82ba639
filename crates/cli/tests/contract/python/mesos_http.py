"""The HTTP API of Mesos, from its documentation: JSON calls, and streams of events in RecordIO."""

import http.client
import json
import urllib.parse


class Refused(Exception):
    """A call that was answered with an error."""

    def __init__(self, status, text):
        super().__init__(f"{status}: {text}")
        self.status = status


def connect(url):
    parts = urllib.parse.urlsplit(url)
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)


def post(url, path, message, headers=None):
    """Sends one call. Returns the answer's JSON, or None where there is no body."""
    connection = connect(url)
    headers = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
    connection.request("POST", path, json.dumps(message), headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    if response.status not in (200, 202):
        raise Refused(response.status, text)
    return json.loads(text) if text else None


def operator(url, kind, **parts):
    """A call to the operator API of a master or an agent."""
    return post(url, "/api/v1", {"type": kind, **parts})


class Stream:
    """The answer to SUBSCRIBE: events, one after another."""

    def __init__(self, url, path, message, headers=None):
        self.connection = connect(url)
        headers = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
        self.connection.request("POST", path, json.dumps(message), headers)
        self.response = self.connection.getresponse()
        if self.response.status != 200:
            raise Refused(self.response.status, self.response.read().decode())

    def header(self, name):
        return self.response.getheader(name)

    def events(self):
        """Each record is its length in decimal, a newline, and that many bytes."""
        while True:
            size = b""
            while not size.endswith(b"\n"):
                byte = self.response.read(1)
                if not byte:
                    return
                size += byte
            record = self.response.read(int(size))
            yield json.loads(record)

    def close(self):
        self.response.close()
        self.connection.close()
