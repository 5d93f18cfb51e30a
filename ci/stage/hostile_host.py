"""A host that lies: it answers all three APIs with the texts of fixtures/hostile/texts.json wherever a text may stand.

Knows the field names of the wire, nothing of our programs."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from stage.programs import REPOSITORY

CORPUS = REPOSITORY / "fixtures/hostile/texts.json"


def texts():
    """The corpus: a list of (name, text)."""
    return [(entry["name"], entry["text"]) for entry in json.loads(CORPUS.read_text(encoding="utf-8"))]


def reports(corpus):
    """The three bodies; every service, drive, filesystem and line of history carries one text of the corpus."""
    now = int(time.time())
    words = [text for _, text in corpus]
    smart = {
        "status": "warning",
        "drives": [
            {
                "name": text, "model": text, "serial": f"{text}{number}", "firmware": text, "kind": text, "label": text,
                "wwn": text, "self_test": text, "power_state": text, "unreadable_reason": text,
                "temperature_c": 41, "wear_level": 3, "power_on_hours": 100, "available_spare": 100,
            }
            for number, text in enumerate(words)
        ],
        "pools": [{"name": text, "kind": text, "state": text} for text in words],
        "summary": {"healthy": 1, "warning": 0, "critical": 0, "capacity_total_gb": 10, "capacity_used_gb": 1},
        "issues": words,
        "timestamp": now,
    }
    service = {
        "summary": {
            "healthy": 1, "degraded": 0, "failed": len(words), "memory_used_mb": 10, "memory_quota_mb": 20,
            "system_memory_used_mb": 1000, "system_memory_total_mb": 8000, "disk_used_gb": 1, "disk_total_gb": 10,
            "cpu_load_1": 0.1, "cpu_load_5": 0.1, "cpu_load_15": 0.1,
        },
        "services": [
            {
                "name": text, "status": "failed", "description": text, "kind": text, "log": [text, text],
                "memory_used_mb": 1, "memory_quota_mb": 2, "restarts": 1,
            }
            for text in words
        ],
        "filesystems": [
            {"mount": text, "device": text, "kind": text, "used_gb": 9.9, "total_gb": 10, "available_gb": 0.1}
            for text in words
        ],
        "disks": [{"name": text, "busy_percent": 1} for text in words],
        "network": [{"name": text, "up": True, "rx_per_s": 1, "tx_per_s": 1} for text in words],
        "gpus": [{"name": text, "load_percent": 1} for text in words],
        "sensors": [{"name": text, "temperature_c": 40} for text in words],
        "activities": [{"name": text, "kind": text} for text in words],
        "missing": [{"what": text, "why": text} for text in words],
        "cpu": {"model": words[0], "cores": 4, "use_percent": 1},
        "memory": {"available_mb": 7000, "tmpfs": [{"mount": text, "used_mb": 1, "size_mb": 2} for text in words]},
        "kernel": words[0], "os": words[-1], "agent_version": words[len(words) // 2], "boot_reason": words[0],
        "timestamp": now,
    }
    backup = {
        "overall_status": "critical",
        "backup": {
            "last_success": now - 864000, "last_failure": now - 60, "repository": words[0],
            "history": [{"start": now - 60, "result": text, "message": text} for text in words],
        },
        "service": {"enabled": True, "pending_jobs": 0, "last_message": words[-1]},
        "timestamp": now,
    }
    return {"smart": smart, "service": service, "backup": backup}


class HostileHost:
    """Serves them on three ports of loopback until the `with` ends; one that carries the whole corpus at once."""

    def __init__(self, corpus=None):
        self.corpus = texts() if corpus is None else corpus

    def __enter__(self):
        self.servers = [self._serve(body) for body in reports(self.corpus).values()]
        self.ports = tuple(server.server_address[1] for server in self.servers)
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.shutdown()
            server.server_close()

    @staticmethod
    def _serve(body):
        answer = json.dumps(body).encode()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return server
