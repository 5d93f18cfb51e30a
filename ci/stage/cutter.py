"""A line between two programs that is cut after so many bytes, in either direction. Knows nothing of what goes over it."""

import socket
import threading


class Cutter:
    """Passes connections on to a port of loopback until so many bytes have gone one way or the other."""

    def __init__(self, to, forth=None, back=None):
        self.to, self.forth, self.back = to, forth, back
        self.passed = [0, 0]
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _serve(self):
        while True:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                return
            ways = ((near, far, 0, self.forth), (far, near, 1, self.back))
            for way in ways:
                threading.Thread(target=self._pass, args=way, daemon=True).start()

    def _pass(self, source, target, which, most):
        try:
            while piece := source.recv(4096):
                room = len(piece) if most is None else max(0, most - self.passed[which])
                target.sendall(piece[:room])
                self.passed[which] += min(room, len(piece))
                if room < len(piece):
                    break
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
