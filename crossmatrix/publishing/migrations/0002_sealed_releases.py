from django.db import migrations

FORBID = """
CREATE FUNCTION publishing_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'sealed releases never change' USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION publishing_refuse_sealed_item() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE owner bigint;
BEGIN
    FOREACH owner IN ARRAY CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.release_id] WHEN 'DELETE' THEN ARRAY[OLD.release_id]
                                      ELSE ARRAY[OLD.release_id, NEW.release_id] END LOOP
        IF EXISTS (SELECT 1 FROM publishing_release WHERE id = owner AND state = 'sealed') THEN
            RAISE EXCEPTION 'items of a sealed release never change' USING ERRCODE = 'restrict_violation';
        END IF;
    END LOOP;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER publishing_release_sealed BEFORE UPDATE OR DELETE ON publishing_release
    FOR EACH ROW WHEN (OLD.state = 'sealed') EXECUTE FUNCTION publishing_refuse();
CREATE TRIGGER publishing_item_sealed BEFORE INSERT OR UPDATE OR DELETE ON publishing_releaseitem
    FOR EACH ROW EXECUTE FUNCTION publishing_refuse_sealed_item();
CREATE TRIGGER publishing_no_truncate BEFORE TRUNCATE ON publishing_release
    FOR EACH STATEMENT EXECUTE FUNCTION publishing_refuse();
CREATE TRIGGER publishing_items_no_truncate BEFORE TRUNCATE ON publishing_releaseitem
    FOR EACH STATEMENT EXECUTE FUNCTION publishing_refuse();
"""
ALLOW = """
DROP TRIGGER publishing_items_no_truncate ON publishing_releaseitem;
DROP TRIGGER publishing_no_truncate ON publishing_release;
DROP TRIGGER publishing_item_sealed ON publishing_releaseitem;
DROP TRIGGER publishing_release_sealed ON publishing_release;
DROP FUNCTION publishing_refuse_sealed_item();
DROP FUNCTION publishing_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("publishing", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
