"""Decisions on suggested pairs."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from crossmatrix.catalog.models import Product
from crossmatrix.insights.models.shared import choices
from crossmatrix.insights.rules.words import SuggestionSource, SuggestionState


class Suggestion(models.Model):
    """What a person decided on a suggested pair, with the evidence of that moment."""

    main = models.ForeignKey(Product, models.PROTECT, related_name="+")
    companion = models.ForeignKey(Product, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=choices(SuggestionState))
    source = models.CharField(max_length=12, choices=choices(SuggestionSource))
    score = models.FloatField()
    evidence = models.JSONField()
    reason = models.CharField(max_length=500, blank=True)
    later_until = models.DateField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["main", "companion"], name="insights_one_decision_per_suggestion"),
            models.CheckConstraint(condition=~Q(main=F("companion")), name="insights_no_suggestion_of_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.main_id} → {self.companion_id} {self.state}"
