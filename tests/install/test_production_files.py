"""The files a production installation is made of say what they must; no container engine is needed to see that."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from config.runner import one

BASE = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((BASE / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = {"prepare", "web", "worker", "beat", "watchman"}
# Written in two parts, so that this file does not name them either.
INDEX_HOSTS = [
    f"{name}.{end}" for name, end in [("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("yarnpkg", "com")]
]
KNOWN = {"FROM", "COPY", "RUN", "ENV", "WORKDIR", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD"}
INDEX_OPTIONS = ["--index-url", "--extra-index-url", "--find-links", "--trusted-host"]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, words), continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", (BASE / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


def committed() -> list[Path]:
    """Every text file that belongs to the project."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=BASE, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout, so nothing says which files belong to it")
    return [BASE / name for name in listed.stdout.split("\0") if name]


def test_compose_runs_every_process_of_ours_as_the_runner_would():
    assert set(SERVICES) >= OURS | {"postgres", "valkey", "front"}
    for name in OURS:
        assert SERVICES[name]["command"] == [name]
        assert name in one.COMMANDS


def test_nothing_of_ours_starts_before_the_database_is_prepared():
    for name in OURS - {"prepare"}:
        assert SERVICES[name]["depends_on"]["prepare"]["condition"] == "service_completed_successfully"
    assert SERVICES["prepare"]["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_secrets_come_from_outside_and_are_asked_for():
    env = SERVICES["web"]["environment"]
    for name in ("MUSTER_SECRET_KEY", "MUSTER_PUBLIC_URL"):
        assert env[name].startswith(f"${{{name}:?")
    assert "${POSTGRES_PASSWORD:?" in env["DATABASE_URL"]


def test_images_are_pinned_to_a_version_and_volumes_are_declared():
    for service in SERVICES.values():
        image = service["image"]
        assert ":" in image
        assert not image.endswith(":latest")
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (BASE / source).is_file()


def test_everything_that_must_stay_up_is_restarted():
    for name, service in SERVICES.items():
        assert service["restart"] == ("no" if name == "prepare" else "unless-stopped")


def test_the_front_door_serves_the_status_page_from_files_and_upgrades_sockets():
    text = (BASE / "config" / "front.nginx.conf").read_text()
    assert text.count("{") == text.count("}")
    assert "location /status/" in text
    assert "root /data;" in text
    assert "proxy_set_header Upgrade" in text


def test_the_image_installs_by_hash_and_runs_without_root():
    words = instructions()
    assert words[0][0] == "FROM"
    assert {name for name, _ in words} <= KNOWN
    installs = [text for name, text in words if name == "RUN" and "pip install" in text]
    assert installs
    assert all("--require-hashes" in text and "--only-binary :all:" in text for text in installs)
    assert [text for name, text in words if name == "USER"][-1] != "root"
    for name, text in words:
        if name == "FROM":
            assert re.match(r"[\w./-]+:\d", text)
        if name == "RUN":
            shlex.split(text)
        if name == "COPY" and not text.startswith("--from"):
            assert (BASE / text.split()[0]).exists()


def test_no_file_names_a_package_index():
    found = []
    for path in committed():
        if path.suffix in {".png", ".jpg", ".woff2", ".ttf", ".mo", ".ico"} or not path.is_file():
            continue
        text = path.read_text(errors="ignore")
        found += [f"{path.relative_to(BASE)}: {host}" for host in INDEX_HOSTS if host in text]
        if path.parent.name == "requirements":
            found += [f"{path.relative_to(BASE)}: {option}" for option in INDEX_OPTIONS if option in text]
    assert found == []


def test_every_requirement_is_pinned_with_a_hash():
    for name in ("base.txt", "dev.txt"):
        text = (BASE / "requirements" / name).read_text()
        for entry in re.split(r"\n(?=[a-z])", text.strip()):
            assert re.match(r"[a-zA-Z0-9._-]+(\[[\w,-]+\])?==\S+", entry), entry[:80]
            assert "--hash=sha256:" in entry, entry[:80]
