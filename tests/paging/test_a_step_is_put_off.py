"""A database that had no time for one person skips nobody."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from accounts.models import User
from incidents.models import Kind, Page
from tests.paging.conftest import policy_of
from tests.paging.test_escalate import declare, story
from tests.receivers import MailCatcher
from tests.world import World


@contextmanager
def a_deadlock_over(person: User) -> Iterator[None]:
    """Whatever is left for `person` ends as PostgreSQL ends a deadlock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_time() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER no_time BEFORE INSERT ON notifications_message FOR EACH ROW"
            f" WHEN (NEW.person_id = {person.pk}) EXECUTE FUNCTION no_time()"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP FUNCTION no_time CASCADE")


def test_a_deadlock_over_one_person_puts_the_step_off_and_pages_everyone_once(
    world: World, payments, mail: MailCatcher
) -> None:
    ben, cleo, dora = world.person("Ben Ops"), world.person("Cleo Dev"), world.person("Dora Chief")
    policy_of(payments, [cleo, ben], [dora], wait=3600)
    incident = declare(world, payments)
    with a_deadlock_over(ben):
        world.tick()
        assert len(mail.ledger) == 0
        assert not Page.objects.exists()
    world.advance(seconds=30)
    assert sorted(row.path for row in mail.ledger.rows) == sorted([ben.email, cleo.email])
    assert len(story(incident, Kind.PAGED)) == 2
    assert not story(incident, Kind.PAGE_FAILED)


def test_a_database_that_never_has_time_for_one_person_holds_the_others_up_for_seconds(
    world: World, payments, mail: MailCatcher
) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    policy_of(payments, [ben, cleo], wait=3600)
    incident = declare(world, payments)
    with a_deadlock_over(ben):
        world.advance(seconds=20)
        assert [row.path for row in mail.ledger.rows] == [cleo.email]
        assert "could not page Ben Ops: a fault inside Muster" in story(incident, Kind.PAGE_FAILED)[0]
