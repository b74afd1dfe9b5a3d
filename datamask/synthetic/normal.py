"""The normal distribution's quantiles, over arrays."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Wichura, "Algorithm AS 241: The percentage points of the normal distribution", PPND16 (1988).
_A: Final = (
    3.3871328727963666080,
    1.3314166789178437745e2,
    1.9715909503065514427e3,
    1.3731693765509461125e4,
    4.5921953931549871457e4,
    6.7265770927008700853e4,
    3.3430575583588128105e4,
    2.5090809287301226727e3,
)
_B: Final = (
    1.0,
    4.2313330701600911252e1,
    6.8718700749205790830e2,
    5.3941960214247511077e3,
    2.1213794301586595867e4,
    3.9307895800092710610e4,
    2.8729085735721942674e4,
    5.2264952788528545610e3,
)
_C: Final = (
    1.42343711074968357734,
    4.63033784615654529590,
    5.76949722146069140550,
    3.64784832476320460504,
    1.27045825245236838258,
    2.41780725177450611770e-1,
    2.27238449892691845833e-2,
    7.74545014278341407640e-4,
)
_D: Final = (
    1.0,
    2.05319162663775882187,
    1.67638483018380384940,
    6.89767334985100004550e-1,
    1.48103976427480074590e-1,
    1.51986665636164571966e-2,
    5.47593808499534494600e-4,
    1.05075007164441684324e-9,
)
_E: Final = (
    6.65790464350110377720,
    5.46378491116411436990,
    1.78482653991729133580,
    2.96560571828504891230e-1,
    2.65321895265761230930e-2,
    1.24266094738807843860e-3,
    2.71155556874348757815e-5,
    2.01033439929228813265e-7,
)
_F: Final = (
    1.0,
    5.99832206555887937690e-1,
    1.36929880922735805310e-1,
    1.48753612908506148525e-2,
    7.86869131145613259100e-4,
    1.84631831751005468180e-5,
    1.42151175831644588870e-7,
    2.04426310338993978564e-15,
)


def normal_quantile(probabilities: Floats) -> Floats:
    """The standard normal distribution's quantiles; of 0 and 1 those of the nearest double inside."""
    inside = np.clip(probabilities, 1e-300, 1 - 1e-16)
    centered = inside - 0.5
    middle = 0.180625 - centered * centered
    result = centered * _ratio(_A, _B, middle)
    tail = np.abs(centered) > 0.425
    if tail.any():
        away = centered[tail]
        depth = np.sqrt(-np.log(np.where(away < 0, inside[tail], 1 - inside[tail])))
        near = _ratio(_C, _D, depth - 1.6)
        far = _ratio(_E, _F, depth - 5.0)
        result[tail] = np.copysign(np.where(depth <= 5.0, near, far), away)
    found: Floats = result
    return found


def density(scores: Floats) -> Floats:
    """The standard normal distribution's density."""
    found: Floats = np.exp(-scores * scores / 2) / np.sqrt(2 * np.pi)
    return found


def _ratio(above: tuple[float, ...], below: tuple[float, ...], at: Floats) -> Floats:
    numerator = np.full_like(at, above[-1])
    denominator = np.full_like(at, below[-1])
    for upper, lower in zip(above[-2::-1], below[-2::-1], strict=True):
        numerator = numerator * at + upper
        denominator = denominator * at + lower
    found: Floats = numerator / denominator
    return found
