"""Stands between a client and the emulator and keeps what the client said: so a test knows which protocol it spoke."""

import socket
import threading


class Wiretap:
    def __init__(self, port):
        self._port = port
        self._heard = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def heard(self):
        """What came from the client, connection by connection."""
        return b"\n".join(bytes(each) for each in self._heard)

    def close(self):
        # A listener that another thread accepts on is only woken by shutdown.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry_both, args=(client,), daemon=True).start()

    def _carry_both(self, client):
        heard = bytearray()
        self._heard.append(heard)
        with client, socket.create_connection(("127.0.0.1", self._port)) as server:
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            upward = threading.Thread(target=_carry, args=(client, server, heard), daemon=True)
            upward.start()
            _carry(server, client, bytearray())
            upward.join()


def _carry(source, sink, kept):
    try:
        while some := source.recv(65536):
            kept += some
            sink.sendall(some)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it is gone already
