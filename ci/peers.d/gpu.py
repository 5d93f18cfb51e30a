"""Graphics cards through a library that has the form of NVIDIA's: written here, built by the C compiler, loaded at run time."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from stage.programs import Home, Kept, agent_toml, free_ports
from stage.tally import Tally, expect

tally = Tally("gpu")

# Names and forms as in NVIDIA's nvml.h.
WHOLE = r"""
#include <string.h>
#include <unistd.h>
typedef struct { unsigned gpu, memory; } utilization;
typedef struct { unsigned version; unsigned long long total, reserved, free, used; } memory;
typedef struct { char legacy[16]; unsigned domain, bus, device, ids, subsystem; char bus_id[32]; } pci;
int nvmlInit_v2(void) { return 0; }
int nvmlShutdown(void) { return 0; }
const char *nvmlErrorString(int code) { return code == 9 ? "Driver Not Loaded" : "some error"; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) { *device = (void *)(long)(index + 1); return 0; }
#ifndef FEW
int nvmlDeviceGetName(void *device, char *name, unsigned length) { strncpy(name, "NVIDIA Made Up 9000", length); return 0; }
int nvmlDeviceGetUtilizationRates(void *device, utilization *rates) {
    if (HANGS) sleep(3600);
    rates->gpu = device == (void *)1 ? 37 : 91; rates->memory = 5; return 0;
}
int nvmlDeviceGetMemoryInfo_v2(void *device, memory *info) {
    info->total = 8589934592ULL; info->reserved = 268435456; info->used = 1073741824; info->free = 7247757312ULL; return 0;
}
int nvmlDeviceGetTemperature(void *device, int sensor, unsigned *degrees) { *degrees = device == (void *)1 ? 61 : 44; return 0; }
int nvmlDeviceGetPowerUsage(void *device, unsigned *milliwatts) { if (device != (void *)1) return 3; *milliwatts = 125500; return 0; }
int nvmlDeviceGetPciInfo_v3(void *device, pci *info) {
    memset(info, 0, sizeof *info); strcpy(info->bus_id, device == (void *)1 ? "00000000:01:00.0" : "00000000:0A:00.0"); return 0;
}
#endif
"""


def library(folder, name, source, *options):
    made = folder / name / "libnvidia-ml.so.1"
    made.parent.mkdir()
    subprocess.run(["cc", "-shared", "-fPIC", "-w", *options, "-x", "c", "-o", made, "-"], input=source, text=True, check=True)
    return made


@contextmanager
def agent(path):
    with Home() as home:
        base = free_ports(4)
        settings = agent_toml(base, base + 3) + f'[gpu]\nnvml = "{path}"\n'
        config = home.write("agent.toml", settings + "[collectors]\nservice_metrics = { interval_ms = 500 }\n")
        with Kept(home, "run", "--config", config) as kept:
            yield kept.serving(base + 1), base + 1


def report(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
        return json.load(answer)


def missing(document):
    return [one["why"] for one in document.get("missing", []) if one["what"] == "gpu"]


with tempfile.TemporaryDirectory(prefix="cm-gpu-") as name:
    folder = Path(name)
    whole = library(folder, "whole", WHOLE, "-DHANGS=0")
    few = library(folder, "few", WHOLE, "-DFEW", "-DHANGS=0")
    broken = library(folder, "broken", "int nvmlInit_v2(void) { return 9; }\nint nvmlShutdown(void) { return 0; }\n" "const char *nvmlErrorString(int code) { return \"Driver Not Loaded\"; }\n")
    hangs = library(folder, "hangs", WHOLE, "-DHANGS=1")

    with tally.case("every figure of every card, cards of one name told apart, the busiest and warmest in the summary"):
        with agent(whole) as (_, port):
            told = report(port)
            one, two = told["gpus"]
            expect(one == {"name": "NVIDIA Made Up 9000 (0000:01:00.0)", "load_percent": 37, "memory_used_mb": 1024, "memory_total_mb": 8192, "temperature_c": 61, "power_w": 125.5}, str(one))
            expect(two["name"].endswith("(0000:0a:00.0)") and "power_w" not in two, str(two))
            summary = told["summary"]
            expect((summary["gpu_load_percent"], summary["gpu_temp_c"]) == (91, 61), str(summary))
            expect(not missing(told), str(missing(told)))

    with tally.case("an older library that lacks most of it gives what it has"):
        with agent(few) as (kept, port):
            told = report(port)
            expect([sorted(gpu) for gpu in told["gpus"]] == [["name"], ["name"]], str(told["gpus"]))
            kept.still_there()

    with tally.case("a library without its driver says so, with what to do"):
        with agent(broken) as (_, port):
            told = report(port)
            expect("gpus" not in told and any("nvidia-smi" in why for why in missing(told)), str(missing(told)))

    with tally.case("a library that others could have written is not loaded"):
        shared = shutil.copy(whole, folder / "libnvidia-ml.so.1")
        os.chmod(shared, 0o777)
        with agent(shared) as (_, port):
            told = report(port)
            expect("gpus" not in told and any("chmod" in why for why in missing(told)), str(missing(told)))

    with tally.case("a library that hangs parks the graphics cards alone"):
        with agent(hangs) as (_, port):
            end, told = time.monotonic() + 20, report(port)
            while not any("has not answered" in why for why in missing(told)):
                expect(time.monotonic() < end, f"{missing(told)}")
                time.sleep(0.3)
                told = report(port)
            expect(told["cpu"]["cores"] >= 1 and "gpus" not in told, "the others are told")

tally.close()
