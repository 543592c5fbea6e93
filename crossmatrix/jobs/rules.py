"""Times and limits of work orders."""

from datetime import timedelta

LEASE = timedelta(seconds=30)  # a worker silent for longer is taken for dead
HEARTBEAT_SECONDS = 10  # three beats per lease: one may be late, one may be lost
RING_AGAIN_AFTER = timedelta(seconds=15)  # a doorbell unanswered for longer is rung again
UNANSWERED_AFTER = timedelta(seconds=10)  # an idle worker takes an order within a second
LATE_SECONDS = 120  # a due order waiting longer means that nobody works
MAX_ATTEMPTS = 5  # claims without a checkpoint to go on from; then the order is poison
RETRY_DELAYS = (0, 5, 15, 30, 60)  # seconds before the next attempt after a failure


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after the failed attempt number `attempts` (1 is the first)."""
    return timedelta(seconds=RETRY_DELAYS[min(attempts, len(RETRY_DELAYS)) - 1])


def failure_cost(max_attempts: int) -> int:
    """Attempts an exception costs: orders that outlive many dead workers still fail after MAX_ATTEMPTS exceptions."""
    return max(max_attempts // MAX_ATTEMPTS, 1)
