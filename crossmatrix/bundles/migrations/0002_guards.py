from django.db import migrations

AGREED = "('approved', 'scheduled', 'live', 'suspended', 'ended', 'settled', 'did_not_run')"

GUARD = f"""
ALTER TABLE bundles_bundlerevision ADD CONSTRAINT bundles_revision_same_supplier
    FOREIGN KEY (bundle_id, supplier_id) REFERENCES bundles_bundle (id, supplier_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE bundles_bundleitem ADD CONSTRAINT bundles_item_same_supplier
    FOREIGN KEY (revision_id, supplier_id) REFERENCES bundles_bundlerevision (id, supplier_id) DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION bundles_guard_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.submitted_at IS NOT NULL AND
        (OLD.name, OLD.bundle_price, OLD.currency, OLD.valid_from, OLD.valid_to, OLD.funding_share, OLD.stock, OLD.exclusive,
         OLD.placements, OLD.message, OLD.digest, OLD.findings, OLD.finance_reasons, OLD.submitted_by_id, OLD.submitted_at)
        IS DISTINCT FROM
        (NEW.name, NEW.bundle_price, NEW.currency, NEW.valid_from, NEW.valid_to, NEW.funding_share, NEW.stock, NEW.exclusive,
         NEW.placements, NEW.message, NEW.digest, NEW.findings, NEW.finance_reasons, NEW.submitted_by_id, NEW.submitted_at)
    THEN
        RAISE EXCEPTION 'a submitted bundle revision is frozen' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state IN {AGREED} AND (TG_OP = 'INSERT' OR OLD.state NOT IN {AGREED}) THEN
        IF NOT EXISTS (SELECT 1 FROM bundles_review WHERE revision_id = NEW.id AND stage = 'manager'
                       AND decision = 'approved' AND digest = NEW.digest) THEN
            RAISE EXCEPTION 'no approval of this content by a category manager' USING ERRCODE = 'check_violation';
        END IF;
        IF cardinality(NEW.finance_reasons) > 0 AND NOT EXISTS (
            SELECT 1 FROM bundles_review WHERE revision_id = NEW.id AND stage = 'finance'
            AND decision = 'approved' AND digest = NEW.digest) THEN
            RAISE EXCEPTION 'no approval of this content by finance' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bundles_guard_revision BEFORE INSERT OR UPDATE ON bundles_bundlerevision
    FOR EACH ROW EXECUTE FUNCTION bundles_guard_revision();

CREATE FUNCTION bundles_guard_item() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.revision_id ELSE NEW.revision_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM bundles_bundlerevision WHERE id = parent AND submitted_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the items of a submitted bundle revision are frozen' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM catalog_product WHERE id = NEW.product_id AND supplier_id = NEW.supplier_id) THEN
        RAISE EXCEPTION 'a bundle holds products of its own supplier only' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bundles_guard_item BEFORE INSERT OR UPDATE OR DELETE ON bundles_bundleitem
    FOR EACH ROW EXECUTE FUNCTION bundles_guard_item();

CREATE FUNCTION bundles_guard_review() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    reviewed bundles_bundlerevision%ROWTYPE;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'a bundle review is never changed' USING ERRCODE = 'check_violation';
    END IF;
    SELECT * INTO reviewed FROM bundles_bundlerevision WHERE id = NEW.revision_id;
    IF EXISTS (SELECT 1 FROM bundles_contributor WHERE bundle_id = reviewed.bundle_id AND user_id = NEW.reviewer_id)
        OR NEW.reviewer_id IN (reviewed.created_by_id, reviewed.submitted_by_id)
        OR EXISTS (SELECT 1 FROM accounts_membership
                   WHERE user_id = NEW.reviewer_id AND supplier_id = reviewed.supplier_id) THEN
        RAISE EXCEPTION 'a contributor does not decide on a bundle' USING ERRCODE = 'check_violation';
    END IF;
    IF reviewed.submitted_at IS NULL OR NEW.digest IS DISTINCT FROM reviewed.digest THEN
        RAISE EXCEPTION 'the review is of another content' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bundles_guard_review BEFORE INSERT OR UPDATE OR DELETE ON bundles_review
    FOR EACH ROW EXECUTE FUNCTION bundles_guard_review();
"""
RELEASE = """
DROP TRIGGER bundles_guard_review ON bundles_review;
DROP FUNCTION bundles_guard_review();
DROP TRIGGER bundles_guard_item ON bundles_bundleitem;
DROP FUNCTION bundles_guard_item();
DROP TRIGGER bundles_guard_revision ON bundles_bundlerevision;
DROP FUNCTION bundles_guard_revision();
ALTER TABLE bundles_bundleitem DROP CONSTRAINT bundles_item_same_supplier;
ALTER TABLE bundles_bundlerevision DROP CONSTRAINT bundles_revision_same_supplier;
"""


class Migration(migrations.Migration):
    dependencies = [("bundles", "0001_initial"), ("accounts", "0002_membership_scopes"), ("catalog", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, RELEASE)]
