"""Stands between a client and the emulator and keeps what the client said: so a test knows which protocol it spoke."""

from relay import Relay


class Wiretap(Relay):
    def __init__(self, port):
        self._heard = []
        super().__init__(port)
        self.url = f"http://127.0.0.1:{self.address[1]}"

    def heard(self):
        """What came from the client, connection by connection."""
        return b"\n".join(bytes(each) for each in self._heard)

    def serve(self, client):
        heard = bytearray()
        self._heard.append(heard)
        self.pass_on(client, heard=heard)
