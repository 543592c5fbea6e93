"""Log records as JSON lines, with secrets masked."""

import json
import logging
import re
from datetime import UTC, datetime

SECRET = re.compile(r"(?i)((?:password|secret|token|cookie|authorization|xmk_live_)[\"']?\s*[=:]?\s*)[^\s,;\"']+")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": SECRET.sub(r"\1***", record.getMessage()),
        }
        if record.exc_info:
            line["trace"] = SECRET.sub(r"\1***", self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
