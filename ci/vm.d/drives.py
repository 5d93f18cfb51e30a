"""Drives through the helper, beside smartctl and nvme: who may ask it, what it may do, drives that go and come back."""

import json
import os
import time
from pathlib import Path

from stage.guest import CONFIG, asked, configure, drop_in, install, pid, ran, restarted, said, shown, until
from stage.tally import Tally, expect

tally = Tally("drives")
HELPER = "cm-agent-drives.service"
SOCKET = "/run/cm-agent/drives.sock"
OFTEN = "[collectors]\nsmart_metrics = { interval_ms = 1000 }\n"
ASK = f"import socket; s = socket.socket(socket.AF_UNIX); s.connect({SOCKET!r}); print(len(s.makefile().read()))"


def drives():
    return {drive["name"]: drive for drive in asked("/smart")["drives"]}


def read(name):
    """The drive, once the helper has told of it."""
    return until(lambda: (found := drives().get(name)) and not found.get("unreadable_reason") and found, f"{name} is read", 180)


def tool(device):
    """What smartctl says, asked by root."""
    return json.loads(ran("smartctl", "--json", "--all", device).stdout)


install()
# Asked often, so that nothing here waits for a minute.
configure(OFTEN)
said("systemctl", "start", "cm-agent-drives.socket")
restarted()

with tally.case("the health log of the NVMe drive as smartctl has it"):
    ours, log = read("nvme0n1"), tool("/dev/nvme0")["nvme_smart_health_information_log"]
    expect(ours["wear_level"] == log["percentage_used"], f"{ours} {log}")
    expect(ours["available_spare"] == log["available_spare"], f"{ours} {log}")
    expect(ours["available_spare_threshold"] == log["available_spare_threshold"], f"{ours} {log}")
    expect(ours["power_on_hours"] == log["power_on_hours"], f"{ours} {log}")
    expect(ours["media_errors"] == log["media_errors"], f"{ours} {log}")
    expect(ours["unsafe_shutdowns"] == log["unsafe_shutdowns"], f"{ours} {log}")
    expect(ours["critical_warning"] == log["critical_warning"], f"{ours} {log}")
    expect(abs(ours["temperature_c"] - log["temperature"]) <= 1, f"{ours['temperature_c']} {log['temperature']}")

with tally.case("model, serial and firmware of the NVMe drive as smartctl has them"):
    ours, theirs = read("nvme0n1"), tool("/dev/nvme0")
    for name, key in (("model", "model_name"), ("serial", "serial_number"), ("firmware", "firmware_version")):
        expect(ours[name] == theirs[key], f"{name}: {ours[name]} {theirs[key]}")

with tally.case("the SATA drive as smartctl has it"):
    ours, theirs = read("sda"), tool("/dev/sda")
    expect(ours["serial"] == theirs["serial_number"] == "CMSATA001", f"{ours} {theirs['serial_number']}")
    expect(ours["smart_passed"] == theirs["smart_status"]["passed"], f"{ours}")
    expect(ours["power_on_hours"] == theirs["power_on_time"]["hours"], f"{ours} {theirs['power_on_time']}")
    if "temperature" in theirs and theirs["temperature"].get("current"):
        expect(abs(ours["temperature_c"] - theirs["temperature"]["current"]) <= 1, f"{ours} {theirs['temperature']}")

with tally.case("the agent that tells of them holds no right, and the helper two and no network"):
    held = lambda process, name: int(next(line for line in open(f"/proc/{process}/status") if line.startswith(name)).split()[1], 16)
    expect(held(pid(), "CapEff") == 0 == held(pid(), "CapBnd"), "the agent holds rights")
    helper = until(lambda: pid(HELPER), "the helper runs")
    # CAP_SYS_RAWIO is 17, CAP_SYS_ADMIN 21 (capabilities(7)).
    expect(held(helper, "CapBnd") == held(helper, "CapEff") == 1 << 17 | 1 << 21, f"{held(helper, 'CapEff'):x}")
    expect(os.readlink(f"/proc/{helper}/ns/net") != os.readlink("/proc/1/ns/net"), "it sees the network")
    links = {line.split(":")[0].strip() for line in open(f"/proc/{helper}/net/dev") if ":" in line}
    expect(links == {"lo"}, f"it sees {links}")

with tally.case("nobody may ask the helper, and one in its group may"):
    refused = ran("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "python3", "-c", ASK)
    expect(refused.returncode != 0 and "PermissionError" in refused.stderr, refused.stdout + refused.stderr)
    said("setpriv", "--reuid=nobody", "--regid=cm-agent", "--clear-groups", "python3", "-c", ASK)

with tally.case("what is sent to the helper changes nothing"):
    before = pid(HELPER)
    noise = ASK.replace("print(", "[s.send(b'x' * 4096) for _ in range(4)]; print(")
    ran("python3", "-c", noise)
    read("nvme0n1")
    expect(pid(HELPER) in (before, 0) or shown(HELPER, "Result")["Result"] == "success", "the helper fell")

with tally.case("within the helper's sandbox what is forbidden is refused"):
    drop_in(HELPER, "[Service]\nType=oneshot\nExecStart=\nExecStart=/usr/bin/cm-agent doctor --json\nStandardOutput=truncate:/run/helper.json\n")
    ran("systemctl", "stop", HELPER, "cm-agent.service")
    ran("systemctl", "start", HELPER)
    tried = {check["subject"]: check for check in json.loads(open("/run/helper.json").read())["checks"] if check["part"] == "sandbox"}
    # Told, and meant: it has its rights to open drives.
    expected = {"", HELPER, "open a drive"}
    extra = {what for what, check in tried.items() if check["health"] != "ok"} - expected
    print(f"     not refused to the helper: {sorted(what for what, check in tried.items() if check['health'] != 'ok' and what)}")
    expect(not extra, json.dumps([tried[what] for what in extra], indent=1))
    drop_in(HELPER, "")
    ran("systemctl", "reset-failed", HELPER)
    restarted()

with tally.case("without the helper the drive is told with the reason"):
    CONFIG.write_text(OFTEN + '[drives]\nhelper = "/run/nowhere.sock"\n')
    restarted()
    why = until(lambda: drives()["nvme0n1"].get("unreadable_reason"), "a reason")
    expect("cm-agent-drives.socket" in why, why)
    print(f"     {why}")
    CONFIG.write_text(OFTEN)
    restarted()
    read("nvme0n1")

with tally.case("a drive that is pulled out goes, and the others stay"):
    device = Path("/sys/block/nvme0n1/device/device").resolve()
    (device / "remove").write_text("1")
    until(lambda: not Path("/sys/block/nvme0n1").exists(), "the kernel lets it go")
    start = time.monotonic()
    until(lambda: "nvme0n1" not in drives(), "it is gone", 180)
    print(f"     gone after {time.monotonic() - start:.0f} s")
    read("sda")
    expect(asked("/service")["summary"], "no service report")

with tally.case("a drive that is put in comes, and is read"):
    Path("/sys/bus/pci/rescan").write_text("1")
    name = until(lambda: next((name for name in drives() if name.startswith("nvme")), None), "it is there again", 180)
    expect(read(name)["serial"] == "CMNVME001", str(drives()))

with tally.case("the helper ends when nobody asks, and comes when somebody does"):
    said("systemctl", "stop", "cm-agent.service")
    # What smartctl told is kept for twelve minutes: so ended here as systemd would, and started by its socket.
    said("systemctl", "stop", HELPER)
    expect(shown(HELPER, "Result")["Result"] == "success", str(shown(HELPER, "Result", "ExecMainStatus")))
    start = time.monotonic()
    said("python3", "-c", ASK)
    expect(pid(HELPER), "it does not run")
    print(f"     first answer after {time.monotonic() - start:.1f} s")

tally.close()
