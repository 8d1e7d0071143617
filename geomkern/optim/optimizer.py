"""The base of all optimisers: parameter groups, state, and the walk over the parameters."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from ..autograd import RowGradient, enable_grad
from ..errors import DomainError, DTypeError, FormatError, ShapeError
from ..tensor import Tensor, as_tensor

__all__ = ["Optimizer"]


class Optimizer:
    """Base class of optimisers.

    Parameters
    ----------
    params : iterable of Tensor, or iterable of dict
        The parameters, or groups of them: dicts with the key ``"params"`` and options that differ from `defaults`.
    defaults : dict
        The options of every group that does not bring its own.

    Attributes
    ----------
    param_groups : list of dict
        The groups, each with ``"params"`` and every option. Options may be changed between steps.
    state : dict
        What the optimiser remembers for each parameter: a dict of arrays and numbers.

    Raises
    ------
    DomainError
        If there is no parameter, one is given twice or is no leaf, one lies on a manifold that the optimiser would
        leave, or an option is unknown or out of range.
    DTypeError
        If something other than tensors is given.

    Notes
    -----
    An optimiser is a subclass with

    - `update`, which moves one parameter; the base finds the parameters that have a gradient, brings their arrays
      into the form that kernels want and counts the write;
    - `check_options`, which raises where an option is out of range;
    - `state_names`, the names that `update` uses in the state, and whether a parameter that has taken a step must
      have them; `state_shape` where an array of the state is not of the parameter's shape;
    - `follows_manifolds = True` where `update` respects the manifold of a parameter.

    An optimiser for manifolds extends the plain one and leaves to it what is flat::

        class RiemannianSGD(SGD):
            follows_manifolds = True

            def update(self, parameter, values, gradient, state, group):
                manifold = getattr(parameter, "manifold", None)  # a plain tensor has none
                if manifold is None:
                    super().update(parameter, values, gradient, state, group)
                else:
                    direction = manifold.egrad2rgrad(values, gradient)
                    values[...] = manifold.retr(values, -group["lr"] * direction)
    """

    follows_manifolds: ClassVar[bool] = False
    state_names: ClassVar[Mapping[str, bool]] = {}

    def __init__(self, params: Iterable[Any], defaults: Mapping[str, Any]) -> None:
        self.defaults = dict(defaults)
        self.param_groups: list[dict[str, Any]] = []
        self.state: dict[Tensor, dict[str, Any]] = {}
        if isinstance(params, Tensor):
            raise DTypeError(f"{self._name} needs an iterable of parameters, not one tensor")
        given = list(params)
        if not given:
            raise DomainError(f"{self._name} needs at least one parameter, not an empty list")
        groups = given if all(isinstance(entry, Mapping) for entry in given) else [{"params": given}]
        for group in groups:
            self.add_param_group(group)

    @property
    def _name(self) -> str:
        return type(self).__name__

    def update(
        self,
        parameter: Tensor,
        values: np.ndarray,
        gradient: np.ndarray,
        state: dict[str, Any],
        group: Mapping[str, Any],
    ) -> None:
        """Move one parameter by one step.

        Parameters
        ----------
        parameter : Tensor
            The parameter, for its `manifold`. Its data are not to be touched.
        values : ndarray
            The parameter's numbers, C-contiguous and writable, to be changed in place.
        gradient : ndarray
            The gradient, C-contiguous, of the same type.
        state : dict
            What is remembered for this parameter, empty at first, to be changed in place.
        group : dict
            The options.
        """
        raise NotImplementedError

    def check_options(self, options: Mapping[str, Any]) -> None:
        """Raise DomainError where an option is out of range."""

    def state_shape(self, name: str, parameter: Tensor) -> tuple[int, ...]:
        """Return the shape that an array of the state has."""
        return parameter.shape

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Add a group: a dict with ``"params"``, a tensor or an iterable of them, and options of its own."""
        if "params" not in group:
            raise DomainError(f'{self._name} needs each parameter group to have "params", not only {sorted(group)}')
        unknown = sorted(set(group) - set(self.defaults) - {"params"})
        if unknown:
            raise DomainError(
                f"{self._name} has no option {', '.join(map(repr, unknown))}; it has {', '.join(self.defaults)}"
            )
        params = group["params"]
        if isinstance(params, set | frozenset):
            raise DTypeError(f"{self._name} needs parameters in an order that can be repeated, not a set")
        params = [params] if isinstance(params, Tensor) else list(params)
        options = {**self.defaults, **group, "params": params}
        self.check_options(options)
        known = {id(parameter) for other in self.param_groups for parameter in other["params"]}
        for parameter in params:
            self._check_parameter(parameter)
            if id(parameter) in known:
                raise DomainError(f"{self._name} got a parameter of shape {parameter.shape} twice")
            known.add(id(parameter))
        self.param_groups.append(options)

    def _check_parameter(self, parameter: object) -> None:
        if not isinstance(parameter, Tensor):
            raise DTypeError(f"{self._name} needs tensors to optimise, not {type(parameter).__name__}")
        if not parameter.is_leaf:
            raise DomainError(
                f"{self._name} needs leaf tensors, but one of shape {parameter.shape} is the result of an operation"
            )
        manifold = getattr(parameter, "manifold", None)
        if manifold is not None and not self.follows_manifolds:
            raise DomainError(
                f"{self._name} would leave {manifold!r}, on which a parameter of shape {parameter.shape} lies; "
                "it needs an optimiser that follows its manifold"
            )

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss anew, and its gradients, before the step.

        Returns
        -------
        object
            What `closure` returned, or None.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if isinstance(parameter.grad, RowGradient):
                    self._move_rows(parameter, parameter.grad.unique(), group)
                elif parameter.grad is not None:
                    self._move(parameter, parameter.grad.data, group)
        return loss

    def _move(self, parameter: Tensor, gradient: np.ndarray, group: Mapping[str, Any]) -> None:
        values = parameter.data
        gradient = np.asarray(gradient, dtype=values.dtype, order="C")
        if gradient.shape != values.shape:
            raise ShapeError(f"{self._name} needs a gradient of shape {values.shape}, not {gradient.shape}")
        if not values.flags.writeable:
            raise DomainError(f"{self._name} cannot write to a parameter of shape {values.shape} on a read-only array")
        moved = values if values.flags.carray else np.array(values, order="C")
        self.update(parameter, moved, gradient, self.state.setdefault(parameter, {}), group)
        if moved is not values:
            values[...] = moved
        parameter._touched()

    def _move_rows(self, parameter: Tensor, gradient: RowGradient, group: Mapping[str, Any]) -> None:
        """Move the rows that have a gradient: a copy of them and of their state, which then takes their place."""
        values, rows = parameter.data, gradient.indices
        if not values.flags.writeable:
            raise DomainError(f"{self._name} cannot write to a parameter of shape {values.shape} on a read-only array")
        state = self.state.setdefault(parameter, {})
        moved = values[rows]
        of_rows = {name: value[rows] if isinstance(value, np.ndarray) else value for name, value in state.items()}
        self.update(parameter, moved, np.ascontiguousarray(gradient.rows), of_rows, group)
        for name, value in of_rows.items():
            if isinstance(value, np.ndarray):
                if name not in state:
                    state[name] = np.zeros((len(values), *value.shape[1:]), value.dtype)
                state[name][rows] = value
            else:
                state[name] = value
        values[rows] = moved
        parameter._touched()

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients: make them None, or fill them with zeros."""
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.zero_grad(set_to_none)

    def state_dict(self) -> dict[str, Any]:
        """Return the state as a dict of plain containers.

        Returns
        -------
        dict
            ``{"state": {number of a parameter: {name: tensor or number}}, "param_groups": [options]}``, where
            ``"params"`` of a group holds the numbers of its parameters. The tensors share memory with the optimiser.
        """
        numbers = {id(parameter): number for number, parameter in enumerate(self._parameters())}
        return {
            "state": {
                numbers[id(parameter)]: {
                    name: as_tensor(value) if isinstance(value, np.ndarray) else value for name, value in state.items()
                }
                for parameter, state in self.state.items()
            },
            "param_groups": [
                {**group, "params": [numbers[id(parameter)] for parameter in group["params"]]}
                for group in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over a state, so that training goes on with the same bits.

        Parameters
        ----------
        state_dict : dict
            As :meth:`state_dict` returns it, of an optimiser of the same kind with parameters of the same shapes in
            the same groups. Arrays are copied.

        Raises
        ------
        FormatError
            If the state does not fit. Nothing has been changed then.
        """
        saved = state_dict.get("param_groups", ())
        if "state" not in state_dict or not all("params" in group for group in saved):
            raise FormatError(
                f'{self._name} needs a state with "state" and "param_groups", each of these with "params"'
            )
        sizes, wanted = [len(group["params"]) for group in saved], [len(group["params"]) for group in self.param_groups]
        if sizes != wanted:
            raise FormatError(f"{self._name} has groups of {wanted} parameters, but the state has groups of {sizes}")
        groups = []
        for group, other in zip(self.param_groups, saved, strict=True):
            lacking = [name for name in self.defaults if name not in other]
            if lacking:
                raise FormatError(f"{self._name} needs the options {', '.join(lacking)}, which the state lacks")
            self.check_options(other)
            groups.append({**other, "params": group["params"]})
        numbers = [number for group in saved for number in group["params"]]
        parameters = dict(zip(numbers, self._parameters(), strict=True))
        unknown = [number for number in state_dict["state"] if number not in parameters]
        if unknown:
            raise FormatError(f"{self._name} needs states of the parameters {numbers}, not of {unknown}")
        state = {
            parameters[number]: self._loaded(parameters[number], entries)
            for number, entries in state_dict["state"].items()
        }
        self.param_groups, self.state = groups, state

    def _loaded(self, parameter: Tensor, entries: Mapping[str, Any]) -> dict[str, Any]:
        """Return a copy of one parameter's saved state in the form that `update` uses."""
        present = {name: value for name, value in entries.items() if value is not None}
        misfits = [name for name in present if name not in self.state_names]
        misfits += [name for name, needed in self.state_names.items() if needed and present and name not in present]
        if misfits:
            raise FormatError(
                f"{self._name} needs a state of {', '.join(self.state_names)}, but {', '.join(misfits)} "
                "is missing or unknown"
            )
        loaded: dict[str, Any] = {}
        for name, value in present.items():
            if name == "step":
                loaded[name] = int(value)
                continue
            array = np.array(value, dtype=parameter.dtype, order="C")
            if array.shape != self.state_shape(name, parameter):
                raise FormatError(
                    f"{self._name} needs {name} of shape {self.state_shape(name, parameter)}, not {array.shape}"
                )
            loaded[name] = array
        return loaded

    def _parameters(self) -> list[Tensor]:
        return [parameter for group in self.param_groups for parameter in group["params"]]

    def __repr__(self) -> str:
        lines = []
        for number, group in enumerate(self.param_groups):
            shown = ", ".join(f"{name}={group[name]!r}" for name in self.defaults)
            lines.append(f"  ({number}): {len(group['params'])} parameters, {shown}")
        return "\n".join([f"{self._name}(", *lines, ")"])


def check_range(optimizer: str, options: Mapping[str, Any], names: Iterable[str], below: float = math.inf) -> None:
    """Raise DomainError where an option does not lie in [0, below)."""
    for name in names:
        if not 0.0 <= options[name] < below:
            wanted = "finite and not negative" if below == math.inf else f"at least 0 and less than {below:g}"
            raise DomainError(f"{optimizer} needs {name} {wanted}, not {options[name]!r}")
