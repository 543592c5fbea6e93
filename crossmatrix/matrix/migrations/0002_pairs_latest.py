from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matrix", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="pair",
            index=models.Index(fields=["-updated_at", "-id"], name="matrix_pairs_latest"),
        ),
    ]
