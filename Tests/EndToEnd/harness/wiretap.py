"""A relay on the client's side of the gateway that keeps every byte sent to the client."""

import socket
import threading


class Wiretap:
    """Listens on a free port and passes all connections on to another one."""

    def __init__(self, port: int):
        self.target = port
        self.received = bytearray()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            threading.Thread(target=self._relay, args=(client, server, None), daemon=True).start()
            threading.Thread(target=self._relay, args=(server, client, self.received), daemon=True).start()

    @staticmethod
    def _relay(source: socket.socket, sink: socket.socket, kept: bytearray | None) -> None:
        try:
            while piece := source.recv(65_536):
                if kept is not None:
                    kept += piece
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            sink.close()

    def close(self) -> None:
        self._listener.close()
