from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matrix', '0009_card_answers'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='pairrevision',
            index=models.Index(fields=['ratio', 'id'], name='matrix_revisions_by_ratio'),
        ),
        migrations.AddIndex(
            model_name='pairrevision',
            index=models.Index(condition=models.Q(('escalated_at__isnull', False), ('state', 'in_review')), fields=['submitted_at', 'id'], name='matrix_reviews_overdue'),
        ),
        migrations.AddIndex(
            model_name='pairrevision',
            index=models.Index(condition=models.Q(('state', 'draft'), models.Q(('comment', ''), _negated=True)), fields=['-decided_at', '-id'], name='matrix_drafts_returned'),
        ),
        migrations.AddIndex(
            model_name='pairrevision',
            index=models.Index(condition=models.Q(('override_reason', ''), ('ratio_status', 'block'), ('state__in', ['draft', 'in_review', 'approved'])), fields=['-id'], name='matrix_ratio_blocks'),
        ),
    ]
