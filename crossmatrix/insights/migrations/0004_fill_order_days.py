from django.db import migrations

# Files written before say only their first and last day. An order may have begun the evening before its first line here;
# a day too many costs one reading, a day too few would lose lines.
FILL = """
UPDATE insights_orderfile SET days = ARRAY(
    SELECT g::date FROM generate_series(first_date - interval '1 day', last_date, interval '1 day') g
) WHERE days = '{}'
"""


class Migration(migrations.Migration):
    dependencies = [("insights", "0003_order_days_and_intakes")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
