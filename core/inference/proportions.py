"""How far shares and their changes can be trusted: intervals that hold for small counts too. Standard library only."""

from math import exp, log, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
"""Of one interval, where many are not looked at together."""


def critical_value(n_tests: int = 1, confidence: float = CONFIDENCE) -> float:
    """How many standard errors an interval reaches to each side, so that all of `n_tests` hold together.

    Args:
        n_tests: How many intervals are looked at together: each is widened after Bonferroni.
        confidence: How often all of them hold, in (0, 1).

    Source:
        Dunn 1961, Multiple comparisons among means, https://doi.org/10.2307/2282330
    """
    return NormalDist().inv_cdf(1.0 - (1.0 - confidence) / (2 * max(n_tests, 1)))


def wilson_interval(n_hits: float, n: int, z: float | None = None) -> tuple[float, float]:
    """Where a share lies of which `n_hits` of `n` were seen.

    Args:
        n_hits: Those with the property.
        n: Those looked at.
        z: As by `critical_value`; None takes that of one interval at 95 %.

    Returns:
        Lower and upper end, in [0, 1]; all of it where nothing was seen.

    Source:
        Wilson 1927, Probable inference, https://doi.org/10.1080/01621459.1927.10502953
    """
    if n <= 0:
        return 0.0, 1.0
    z = critical_value() if z is None else z
    share = n_hits / n
    middle = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)
    return (0.0 if n_hits == 0 else max(low, 0.0)), (1.0 if n_hits == n else min(high, 1.0))


def difference_interval(n_hits: float, n: int, n_hits_before: float, n_before: int, z: float) -> tuple[float, float]:
    """By how much a share differs from what it was before, from -1 to 1.

    Built from the Wilson intervals of both shares, so that it holds where counts are small or shares near 0.

    Source:
        Newcombe 1998, Interval estimation for the difference between independent proportions, method 10,
        https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8%3C873::AID-SIM779%3E3.0.CO;2-I
    """
    if n <= 0 or n_before <= 0:
        return -1.0, 1.0
    now, before = n_hits / n, n_hits_before / n_before
    low, high = wilson_interval(n_hits, n, z)
    low_before, high_before = wilson_interval(n_hits_before, n_before, z)
    difference = now - before
    return (difference - sqrt((now - low) ** 2 + (high_before - before) ** 2),
            difference + sqrt((high - now) ** 2 + (before - low_before) ** 2))  # fmt: skip


def ratio_lower_bound(n_hits: int, n: int, n_hits_before: int, n_before: int, z: float) -> float:
    """How many times as large as before a share is at least; 0 where nothing can be said.

    Half a product is added to each count, so that what was never seen before has a bound too.

    Source:
        Katz et al. 1978, Obtaining confidence intervals for the risk ratio, https://doi.org/10.2307/2530610; the half
        is Walter's 1975, https://doi.org/10.1093/biomet/62.2.371
    """
    if n <= 0 or n_before <= 0 or n_hits <= 0:
        return 0.0
    hits, of, hits_before, of_before = (count + 0.5 for count in (n_hits, n, n_hits_before, n_before))
    error = sqrt(1 / hits - 1 / of + 1 / hits_before - 1 / of_before)
    return exp(log((hits / of) / (hits_before / of_before)) - z * error)
