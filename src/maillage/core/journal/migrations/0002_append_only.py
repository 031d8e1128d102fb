"""The application may add to the journal and read it, nothing else. Emptying needs a right that it never has."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION journal_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
    RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE ON journal_journalline
  FOR EACH STATEMENT EXECUTE FUNCTION journal_append_only();
CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE ON journal_seal
  FOR EACH STATEMENT EXECUTE FUNCTION journal_append_only();
"""
BACKWARD = """
DROP TRIGGER journal_append_only ON journal_seal;
DROP TRIGGER journal_append_only ON journal_journalline;
DROP FUNCTION journal_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, reverse_sql=BACKWARD)]
