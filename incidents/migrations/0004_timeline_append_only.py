"""The story can only grow: PostgreSQL itself refuses to change or remove a line. (A line may lose its person, when an
account is removed; `actor_name` still says who it was.)"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION timeline_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.actor_id IS NULL
     AND (NEW.id, NEW.incident_id, NEW.seq, NEW.kind, NEW.actor_name, NEW.text, NEW.data, NEW.happened_at, NEW.recorded_at)
       = (OLD.id, OLD.incident_id, OLD.seq, OLD.kind, OLD.actor_name, OLD.text, OLD.data, OLD.happened_at, OLD.recorded_at)
  THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'the timeline is append-only';
END $$;
CREATE TRIGGER timeline_append_only BEFORE UPDATE OR DELETE ON incidents_timelineevent
FOR EACH ROW EXECUTE FUNCTION timeline_append_only();
"""
BACKWARD = "DROP TRIGGER timeline_append_only ON incidents_timelineevent; DROP FUNCTION timeline_append_only();"


class Migration(migrations.Migration):
    dependencies = [("incidents", "0003_rooms_and_words")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
