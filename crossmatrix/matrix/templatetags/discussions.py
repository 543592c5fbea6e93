"""Comments in templates."""

from django import template
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from crossmatrix.matrix.models import Comment
from crossmatrix.matrix.rules.comments import mention_spans

register = template.Library()


@register.filter
def said(comment: Comment) -> SafeString:
    """The text with its lines, and the people it names marked."""
    names = [person.name for person in (mention.person for mention in comment.mentions.all())]
    parts = (
        format_html('<span class="at">{}</span>', piece) if named else escape(piece)
        for piece, named in mention_spans(comment.text, names)
    )
    return format_html_join("", "{}", ((part,) for part in parts))
