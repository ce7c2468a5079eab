"""The embedded servers: where their sockets lie, and what they survive."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from config import env
from config.servers import processes, throwaway
from config.servers.errors import CannotStart
from config.servers.postgres import Postgres
from config.servers.sockets import LONGEST, socket_folder, tidy

BASE = Path(__file__).resolve().parents[2]


@pytest.fixture
def cluster(tmp_path: Path) -> Postgres:
    """A fresh cluster that does not run."""
    postgres = Postgres(tmp_path / "postgres", socket_folder(tmp_path), durable=False)
    postgres.prepare()
    return postgres


def start(postgres: Postgres) -> subprocess.Popen[bytes]:
    """The server, taking connections."""
    child = subprocess.Popen(postgres.command(), stderr=subprocess.DEVNULL, start_new_session=True)
    end = time.monotonic() + 20
    while not postgres.ready():
        assert child.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)
    return child


def test_a_command_gets_two_real_servers_and_both_are_gone_afterwards():
    with throwaway.servers() as given:
        with psycopg.connect(given["DATABASE_URL"]) as connection:
            connection.execute("CREATE EXTENSION btree_gist")
            connection.execute("CREATE EXTENSION pg_trgm")
            assert connection.execute("SELECT lower('ÄÖÜ ЖУК')").fetchone() == ("äöü жук",)
        with redis.Redis.from_url(given["REDIS_URL"]) as client:
            assert client.ping()
            assert client.info("server")["server_name"] == "valkey"
        folder = Path(given["MUSTER_DATA"])
    assert not folder.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(given["DATABASE_URL"])


def test_celery_and_redis_py_are_told_the_same_socket():
    ours, celerys = env.redis(env={"REDIS_URL": "unix:///run/muster/valkey.sock?db=0"})
    assert ours == "unix:///run/muster/valkey.sock?db=0"
    assert celerys == "redis+socket:///run/muster/valkey.sock?virtual_host=0"


def test_the_exit_code_is_the_commands_own():
    assert throwaway.run([sys.executable, "-c", "raise SystemExit(7)"]) == 7


@pytest.mark.parametrize("name", ["plain", "with a space", "ein-Ümlaut", "long" * 40])
def test_sockets_lie_in_a_folder_of_ours_alone_with_a_path_any_client_can_read(tmp_path, name):
    folder = socket_folder(tmp_path / name)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(os.fsencode(folder / ".s.PGSQL.5432")) <= LONGEST
    assert str(folder).isascii()
    assert " " not in str(folder)
    assert folder == socket_folder(tmp_path / name)
    tidy(tmp_path / name)


def test_a_socket_folder_that_somebody_else_put_there_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CannotStart, match="must be a folder of your own"):
        socket_folder(tmp_path)


def test_a_cluster_is_whole_or_not_there(cluster, tmp_path):
    unfinished = tmp_path / "other.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    other = Postgres(tmp_path / "other", cluster.sockets, durable=False)
    other.prepare()
    assert (other.cluster / "global" / "pg_control").exists()
    assert not unfinished.exists()


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "thesis.txt").write_text("mine")
    with pytest.raises(CannotStart, match="is not empty"):
        Postgres(tmp_path / "postgres", tmp_path).prepare()


def test_it_starts_again_after_kill_9_and_keeps_what_was_committed(tmp_path):
    cluster = Postgres(tmp_path / "postgres", socket_folder(tmp_path))
    cluster.prepare()
    first = start(cluster)
    with psycopg.connect(cluster.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    first.send_signal(signal.SIGKILL)
    first.wait()
    cluster.prepare()
    second = start(cluster)
    with psycopg.connect(cluster.url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    second.send_signal(signal.SIGINT)
    assert second.wait(10) == 0


def test_a_stale_pid_file_that_names_somebody_elses_process_does_not_stop_it(cluster):
    (cluster.cluster / "postmaster.pid").write_text(f"{os.getppid()}\n{cluster.cluster}\n1\n5432\n\n\n0 0\nready\n")
    cluster.prepare()
    child = start(cluster)
    child.send_signal(signal.SIGINT)
    assert child.wait(10) == 0


def test_a_server_that_outlived_its_starter_is_ended_first(cluster):
    orphan = start(cluster)
    cluster.prepare()
    assert orphan.wait(10) == 0


def test_a_dead_process_nobody_has_asked_about_counts_as_gone():
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    end = time.monotonic() + 10
    while processes.started_at(child.pid):
        assert time.monotonic() < end
        time.sleep(0.02)
    assert processes.exists(child.pid)
    child.wait()


def test_data_of_another_postgres_version_is_a_sentence(cluster):
    (cluster.cluster / "PG_VERSION").write_text("15\n")
    with pytest.raises(CannotStart, match="was made by PostgreSQL 15"):
        cluster.prepare()


def test_a_folder_without_postgres_in_it_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("MUSTER_PG_BIN", str(tmp_path))
    with pytest.raises(CannotStart, match="there is no program postgres in it"):
        Postgres(tmp_path / "postgres", tmp_path).prepare()
