"""A TCP server that passes on to the emulator what it is sent, and back what comes of it."""

import socket
import threading


class Relay:
    """`address`: where it listens; port 0 is any free one. What a subclass does with a client is its `serve`."""

    def __init__(self, port, address=("127.0.0.1", 0)):
        self._port = port
        self._listener = socket.create_server(address, backlog=64)
        self.address = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        # A listener that another thread accepts on is only woken by shutdown.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def serve(self, client):
        self.pass_on(client)

    def pass_on(self, client, first=b"", heard=None):
        """`first`: what has been read of the client already. `heard`: takes what comes from the client."""
        with socket.create_connection(("127.0.0.1", self._port)) as server:
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server.sendall(first)
            upward = threading.Thread(target=_carry, args=(client, server, heard), daemon=True)
            upward.start()
            _carry(server, client)
            upward.join()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client:
            self.serve(client)


def _carry(source, sink, heard=None):
    try:
        while some := source.recv(65536):
            if heard is not None:
                heard += some
            sink.sendall(some)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it is gone already
