import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crossmatrix.insights.rules.weakness import at_most


@given(trials=st.integers(1, 10_000), part=st.floats(0, 1), share=st.floats(0.001, 0.999))
def test_the_binomial_tail_is_that_of_scipy(trials, part, share):
    hits = int(trials * part)

    ours = at_most(np.array([hits], dtype=float), np.array([trials], dtype=float), np.array([share]))[0]

    assert ours == pytest.approx(stats.binom.cdf(hits, trials, share), rel=1e-9, abs=1e-12)
