import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("matrix", "0005_comments")]

    operations = [
        migrations.RemoveConstraint(model_name="ratiopolicy", name="matrix_one_policy_per_scope"),
        migrations.AddField(
            model_name="ratiopolicy",
            name="companion_category",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="catalog.category",
            ),
        ),
        migrations.AddField(
            model_name="slot",
            name="condition",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
        migrations.AddConstraint(
            model_name="ratiopolicy",
            constraint=models.UniqueConstraint(
                fields=("category", "companion_category", "kind"),
                name="matrix_one_policy_per_scope",
                nulls_distinct=False,
            ),
        ),
    ]
