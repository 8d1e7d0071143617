"""Discovery of backends, devices and kernel sets, from metadata as installed packages write it."""

import sys
import warnings

import numpy as np
import pytest

import geomkern as gk
from geomkern.errors import BackendUnavailable, DeviceError

BACKEND = """
from geomkern.backends import Backend
backend = Backend("alpha", "A test", layers={"Thing": "alpha_layers:Thing", "Gone": "alpha_layers:Gone"},
                  kernels={"cpu": "alpha_cpu", "reference": "alpha_reference"})
"""
FILES = {
    "alpha_plugin.py": BACKEND,
    "alpha_layers.py": "class Thing:\n    def __init__(self, n, scale=1):\n        self.value = n * scale\n",
    "alpha_cpu.py": "def double(x):\n    return 2 * x\n",
    "alpha_reference.py": "def double(x):\n    return x + x\n\ndef triple(x):\n    'Thrice.'\n    return x + x + x\n",
    "alpha_tpu.py": "def double(x):\n    return 'tpu'\n\ndef triple(x):\n    return 'tpu'\n",
    "broken_plugin.py": "raise RuntimeError('no such library')\n",
    "wrong_plugin.py": "backend = 3\n",
    "devices_plugin.py": "from geomkern.devices import Device\nclass A: pass\n"
    "def make():\n    return Device('toy', A, asarray=lambda x: A(), numpy=lambda a: None)\nwrong = lambda: 3\n",
}
ENTRY_POINTS = """
[geomkern.backends]
alpha = alpha_plugin:backend
broken = broken_plugin:backend
wrong = wrong_plugin:backend

[geomkern.kernels]
alpha.tpu = alpha_tpu

[geomkern.devices]
toy = devices_plugin:make
wrong = devices_plugin:wrong
"""


def install(folder, name, entry_points):
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(entry_points)


@pytest.fixture
def packages(tmp_path, monkeypatch):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    install(tmp_path, "alpha", ENTRY_POINTS)
    monkeypatch.syspath_prepend(tmp_path)
    gk.backends.refresh()
    yield tmp_path
    gk.backends.refresh(registered=True)
    gk.devices._loaded.pop("toy", None)
    for name in FILES:
        sys.modules.pop(name.removesuffix(".py"), None)


def test_list_gives_reasons(packages):
    found = {status.name: status for status in gk.backends.list()}
    assert (found["alpha"].available, found["alpha"].summary, found["alpha"].reason) == (True, "A test", "")
    assert not found["broken"].available
    assert found["broken"].reason == "RuntimeError: no such library"
    assert "leads to 3, which is no Backend" in found["wrong"].reason


def test_nothing_is_imported_by_looking(packages):
    gk.backends.get("alpha")
    assert "alpha_layers" not in sys.modules
    assert "alpha_cpu" not in sys.modules
    assert "broken_plugin" not in sys.modules


def test_get(packages):
    assert gk.backends.get("alpha").summary == "A test"
    with pytest.raises(BackendUnavailable, match="the backend 'broken' does not load: RuntimeError: no such library"):
        gk.backends.get("broken")
    with pytest.raises(BackendUnavailable, match=r"there is no backend 'beta'; installed are: .*alpha"):
        gk.backends.get("beta")


def test_create(packages):
    assert gk.backends.create("alpha.Thing", 2, scale=3).value == 6
    with pytest.raises(BackendUnavailable, match="has no layer 'Other'; its layers are: Gone, Thing"):
        gk.backends.create("alpha.Other")
    with pytest.raises(BackendUnavailable, match=r"the layer 'alpha.Gone' does not load"):
        gk.backends.create("alpha.Gone")


def test_kernels_of_a_device_and_of_the_reference(packages):
    x = np.ones(2)
    assert gk.backends.kernels("alpha", "reference").triple(x).tolist() == [3, 3]
    assert gk.backends.kernels("alpha").double(x).tolist() == [2, 2]
    assert gk.backends.kernels("alpha", "tpu").triple(x) == "tpu"
    assert gk.backends.kernels("alpha") is gk.backends.kernels("alpha", "cpu")


@pytest.fixture
def on_fallback():
    before = gk.config.on_fallback
    yield lambda action: setattr(gk.config, "on_fallback", action)
    gk.config.on_fallback = before


def test_a_missing_kernel_is_served_by_the_reference(packages, on_fallback):
    kernels = gk.backends.kernels("alpha")
    message = r"the device 'cpu' has no kernel alpha\.triple; the reference in NumPy serves"
    on_fallback("raise")
    with pytest.raises(DeviceError, match=message):
        kernels.triple(np.ones(1))
    on_fallback("warn")
    with pytest.warns(RuntimeWarning, match=message):
        assert kernels.triple(np.ones(1)).tolist() == [3]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kernels.triple(np.ones(1))
    on_fallback("ignore")
    assert kernels.triple(np.ones(1)).tolist() == [3]
    assert kernels.double(np.ones(1)).tolist() == [2]
    assert kernels.triple.__doc__ == "Thrice."


def test_kernel_modules_that_are_not_there(packages):
    gk.backends.register(gk.backends.Backend("gamma", "x", kernels={"cpu": "no_such_module"}))
    with pytest.raises(BackendUnavailable, match="the cpu kernels of the backend 'gamma' do not load"):
        gk.backends.kernels("gamma")
    with pytest.raises(DeviceError, match="the backend 'gamma' has no kernels for the device 'abacus'"):
        gk.backends.kernels("gamma", "abacus")


def test_a_name_declared_twice_is_warned_about(packages):
    install(packages, "copycat", "[geomkern.backends]\nalpha = copycat:backend\n")
    gk.backends.refresh()
    with pytest.warns(RuntimeWarning, match=r"geomkern.backends: 'alpha' is declared twice"):
        gk.backends.list()


def test_register_and_refresh():
    first = gk.backends.Backend("mine", "first")
    gk.backends.register(first)
    assert gk.backends.get("mine") is first
    gk.backends.register(gk.backends.Backend("mine", "second"))
    assert gk.backends.get("mine").summary == "second"
    gk.backends.refresh()
    assert gk.backends.get("mine").summary == "second"
    gk.backends.refresh(registered=True)
    with pytest.raises(BackendUnavailable):
        gk.backends.get("mine")


def test_refresh_resolves_kernels_anew(packages):
    before = gk.backends.kernels("alpha")
    gk.backends.refresh()
    assert gk.backends.kernels("alpha") is not before


def test_a_backend_cannot_be_changed():
    with pytest.raises(AttributeError):
        gk.backends.Backend("mine", "x").name = "other"


def test_devices(packages):
    assert {"cpu", "toy"} <= set(gk.devices.list())
    toy = gk.devices.get("toy")
    assert gk.devices.of(toy.array_type()) is toy
    assert gk.devices.of(np.ones(1)) is gk.devices.get("cpu")
    assert (str(toy), repr(toy)) == ("toy", "Device('toy')")
    with pytest.raises(DeviceError, match="there is no device 'moon'; known are cpu"):
        gk.devices.get("moon")
    with pytest.raises(DeviceError, match=r"the entry point of the device 'wrong' is no geomkern.devices.Device but 3"):
        gk.devices.get("wrong")
    with pytest.raises(DeviceError, match="str is not an array of a device in use"):
        gk.devices.of("a")
