from datetime import UTC, datetime, timedelta

from crossmatrix.lib.days import after_working_days


def test_working_days_skip_the_weekend():
    friday = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)

    assert after_working_days(friday, 3) == datetime(2026, 11, 25, 17, 30, tzinfo=UTC)
    assert after_working_days(friday + timedelta(days=1), 1) == datetime(2026, 11, 23, 17, 30, tzinfo=UTC)
