"""What the agent reads from real outputs of `smartctl --json`, beside the outputs themselves.

CM_SMART_DATA names a folder of such outputs, `*.json`, of drives of every kind; where it is not, they are passed over."""

import json
import os
import shutil
from pathlib import Path

from stage.programs import AGENT, Home
from stage.tally import Tally, expect

tally = Tally("smart")

KINDS = {"nvme", "ssd", "hdd", "unknown"}


def deep(document, *path):
    for step in path:
        if isinstance(document, list):
            document = document[step] if step < len(document) else None
        elif isinstance(document, dict):
            document = document.get(step)
        else:
            return None
    return document


def attributes(told):
    return deep(told, "ata_smart_attributes", "table") or []


def attribute(told, number, *names):
    for one in attributes(told):
        if one["id"] == number and any(one["name"].startswith(name) for name in names):
            return one
    return None


def leading(one):
    digits = ""
    for letter in one["raw"]["string"]:
        if not letter.isdigit():
            break
        digits += letter
    return int(digits) if digits else one["raw"]["value"]


def wear(told):
    """Wear where the drive tells it, found by other means than the agent's: None means that it must not make one up."""
    nvme = deep(told, "nvme_smart_health_information_log", "percentage_used")
    if nvme is not None:
        return nvme
    for page in deep(told, "ata_device_statistics", "pages") or []:
        for row in page.get("table", []):
            if row["name"] == "Percentage Used Endurance Indicator":
                return row["value"]
    if "scsi_percentage_used_endurance_indicator" in told:
        return told["scsi_percentage_used_endurance_indicator"]
    model = told.get("model_name", "").lower()
    if told.get("rotation_rate"):
        return None
    if model.startswith("intel") and (one := attribute(told, 233, "Media_Wearout")):
        return 100 - one["value"]
    if model.startswith("samsung") and (one := attribute(told, 177, "Wear_Leveling")):
        return 100 - one["value"]
    if one := attribute(told, 202, "Percent_Lifetime", "Perc_Rated"):
        return 100 - one["value"]
    # The plan of Silicon Motion's controllers, by name or by its figures.
    if (one := attribute(told, 169, "Remaining_Lifetime")) or (
        (one := attribute(told, 169, "Unknown")) and attribute(told, 167, "") and attribute(told, 168, "")
    ):
        return 100 - one["raw"]["value"]
    return None


def same(ours, theirs, what, slack=0.0):
    if theirs is None:
        expect(ours is None, f"{what}: we say {ours}, the output does not")
    else:
        expect(ours is not None and abs(ours - theirs) <= slack, f"{what}: we say {ours}, the output {theirs}")


def check_identity(told, drive):
    expect(drive["kind"] in KINDS, f"kind {drive['kind']}")
    rotation = told.get("rotation_rate")
    if deep(told, "device", "protocol") == "NVMe":
        expect(drive["kind"] == "nvme", drive["kind"])
    elif rotation is not None:
        expect(drive["kind"] == ("hdd" if rotation else "ssd"), drive["kind"])
    model = told.get("model_name") or told.get("scsi_model_name")
    expect(drive.get("model") == (model and model.strip()), f"model {drive.get('model')}, not {model}")
    expect(drive.get("serial") == told.get("serial_number"), f"serial {drive.get('serial')}")
    capacity = deep(told, "user_capacity", "bytes") or told.get("nvme_total_capacity")
    same(drive.get("capacity_gb"), capacity and capacity / 1e9, "capacity", 0.001)
    if "wwn" in told:
        expect(drive["wwn"] == f"naa.{told['wwn']['naa']:x}{told['wwn']['oui']:06x}{told['wwn']['id']:09x}", drive["wwn"])


def check_temperature(told, drive):
    current = deep(told, "temperature", "current")
    if deep(told, "device", "protocol") == "SCSI" and current == 0:
        current = None
    same(drive.get("temperature_c"), current, "temperature")
    trip = deep(told, "temperature", "drive_trip")
    if trip:
        same(drive.get("temperature_critical_c"), trip, "the drive's own limit")


def check_life(told, drive):
    hours = deep(told, "power_on_time", "hours")
    if hours is None and (one := attribute(told, 9, "Power_On_Hours")):
        hours = leading(one)
    same(drive.get("power_on_hours"), hours, "hours")
    same(drive.get("wear_level"), wear(told), "wear", 1.0)
    units = deep(told, "nvme_smart_health_information_log", "data_units_written")
    if units is not None:
        same(drive.get("data_written_tb"), units * 512_000 / 1e12, "written", 1e-5)
    if one := attribute(told, 241, "Host_Writes_32MiB"):
        same(drive.get("data_written_tb"), one["raw"]["value"] * 32 * 2**20 / 1e12, "written", 1e-5)
    log = deep(told, "scsi_error_counter_log", "write", "gigabytes_processed")
    if log is not None:
        same(drive.get("data_written_tb"), float(log.replace(",", ".")) / 1e3, "written", 1e-5)
    written, capacity = drive.get("data_written_tb"), drive.get("capacity_gb")
    if written is not None and capacity:
        expect(written * 1e3 / capacity < 20_000, f"{written} TB on {capacity} GB: a wrong unit")


def check_errors(told, drive):
    for number, names, field in [
        (5, ("Reallocated_Sector",), "reallocated_sectors"),
        (197, ("Current_Pending", "Pending_Sector"), "pending_sectors"),
        (199, ("UDMA_CRC", "CRC_Error"), "crc_errors"),
    ]:
        if one := attribute(told, number, *names):
            same(drive.get(field), leading(one), field)
    if attributes(told):
        seen = [leading(one) for one in attributes(told) if one["id"] in (187, 198) and "ncorrect" in one["name"]]
        same(drive.get("uncorrectable_errors"), max(seen, default=None), "uncorrectable errors")
    if (log := told.get("scsi_error_counter_log")) is not None:
        same(drive.get("uncorrectable_errors"), sum(one["total_uncorrected_errors"] for one in log.values()), "uncorrectable")
        same(drive.get("reallocated_sectors"), told.get("scsi_grown_defect_list"), "grown defects")
    nvme = told.get("nvme_smart_health_information_log") or {}
    for theirs, field in [
        ("media_errors", "media_errors"),
        ("unsafe_shutdowns", "unsafe_shutdowns"),
        ("critical_warning", "critical_warning"),
        ("available_spare", "available_spare"),
        ("available_spare_threshold", "available_spare_threshold"),
    ]:
        if theirs in nvme:
            same(drive.get(field), nvme[theirs], field)


def check_health(told, drive, judged):
    expect(drive.get("smart_passed") == deep(told, "smart_status", "passed"), f"own verdict {drive.get('smart_passed')}")
    health, codes = judged["health"], {reason["code"] for reason in judged["reasons"]}
    silent = not attributes(told) and not any(
        key in told for key in ("smart_status", "nvme_smart_health_information_log", "scsi_error_counter_log")
    )
    expect(("unreadable_reason" in drive) == silent, f"it tells {'nothing' if silent else 'of its health'}: {drive.get('unreadable_reason')}")
    expect(not silent or health == "note", f"a drive that tells nothing is {health}")
    expect(health == "ok" or judged["reasons"], f"{health} without a reason")
    bad = any(drive.get(field, 0) > 0 for field in ("reallocated_sectors", "pending_sectors", "uncorrectable_errors", "media_errors"))
    worn = drive.get("wear_level", 0) >= 70
    warned = drive.get("critical_warning", 0) > 0 or drive.get("smart_passed") is False
    if not silent:
        expect((health != "ok") == (bad or worn or warned), f"{health} for {sorted(codes)}")
    expect(worn == ("drive.wear" in codes), f"wear {drive.get('wear_level')} in {sorted(codes)}")


CHECKS = [
    ("kind, model, serial, capacity and world-wide name", lambda told, drive, _: check_identity(told, drive)),
    ("temperature and the drive's own limits", lambda told, drive, _: check_temperature(told, drive)),
    ("hours, wear where the drive tells it, and data written", lambda told, drive, _: check_life(told, drive)),
    ("error counters", lambda told, drive, _: check_errors(told, drive)),
    ("health with reasons", check_health),
]

with Home() as home:
    with tally.case("what is no output of smartctl is refused with the next step"):
        ran = home.run("drives", "--explain", home.folder / "none.json", program=AGENT)
        expect(ran.code == 66 and b"next:" in ran.err and not ran.out, str(ran))

    with tally.case("`drives --once` tells of this machine's drives in one JSON document, each with figures or a reason"):
        ran = home.run("drives", "--once", program=AGENT)
        expect(ran.code == 0, str(ran))
        for drive in ran.json()["drives"]:
            expect(drive.get("smart_passed") is not None or drive.get("unreadable_reason"), f"{drive}")
        expect(shutil.which("smartctl") or b"smartmontools" in ran.out or not ran.json()["drives"], ran.text())

    folder = os.environ.get("CM_SMART_DATA")
    files = sorted(Path(folder).glob("*.json")) if folder else []
    read = []
    if not files:
        tally.skip("real outputs of smartctl", "CM_SMART_DATA names no folder of them")
    else:
        with tally.case(f"{len(files)} real outputs are read"):
            for file in files:
                ran = home.run("drives", "--explain", file, program=AGENT)
                expect(ran.code == 0, f"{file.name}: {ran}")
                read.append((file.name, json.loads(file.read_text()), ran.json()))
    for what, check in CHECKS if read else []:
        with tally.case(f"{what}, of {len(read)} drives"):
            wrong = []
            for name, told, ours in read:
                try:
                    check(told, ours["drive"], ours)
                except Exception as error:
                    wrong.append(f"{name}: {error}")
            expect(not wrong, "\n".join(wrong))
    if read:
        tellers = sum("wear_level" in ours["drive"] for _, _, ours in read)
        print(f"note smart: {tellers} of {len(read)} drives tell their wear", flush=True)

tally.close()
