"""Decisions on releases: which links go out, why the others do not, and what changed since the last release."""

from crossmatrix.publishing.rules.changes import Change, Diff, plan_release
from crossmatrix.publishing.rules.choosing import Selection, choose, without
from crossmatrix.publishing.rules.cutting import (
    Live,
    LooksDifferent,
    NothingToRelease,
    Unchanged,
    WouldClear,
    canonical,
    check_cut,
    seal,
)
from crossmatrix.publishing.rules.links import Candidate, Document, Key, Link, link_of
from crossmatrix.publishing.rules.problems import Problem, Severity, Why, problem, title_of

__all__ = [
    "Candidate",
    "Change",
    "Diff",
    "Document",
    "Key",
    "Link",
    "Live",
    "LooksDifferent",
    "NothingToRelease",
    "Problem",
    "Selection",
    "Severity",
    "Unchanged",
    "Why",
    "WouldClear",
    "canonical",
    "check_cut",
    "choose",
    "link_of",
    "plan_release",
    "problem",
    "seal",
    "title_of",
    "without",
]
