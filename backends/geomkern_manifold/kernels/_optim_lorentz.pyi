from typing import Any

def lorentz_sgd_step(
    x: Any, b: Any, g: Any, sign: Any, decay: Any, lr: Any, keep: Any, share: Any, ahead: Any, c: Any
) -> None: ...
def lorentz_adam_step(
    x: Any,
    m: Any,
    v: Any,
    vmax: Any,
    g: Any,
    sign: Any,
    decay: Any,
    beta1: Any,
    beta2: Any,
    rate: Any,
    root: Any,
    eps: Any,
    c: Any,
) -> None: ...
