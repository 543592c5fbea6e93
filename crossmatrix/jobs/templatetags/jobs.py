"""Lets any page include a work order's progress with nothing but the order."""

from django import template

from crossmatrix.jobs import tables
from crossmatrix.jobs.models import JobRun

register = template.Library()


@register.simple_tag
def job_details(job: JobRun) -> dict[str, object]:
    """Title, share done, problem and time of an order."""
    return tables.job_page(job)
