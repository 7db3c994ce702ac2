"""Fixtures for every test: a simulated provider and a gateway in front of it."""

from collections.abc import Callable, Iterator

import pytest

from harness.constant_provider import ConstantProvider
from harness.gateway import Gateway, proxy_yaml
from harness.house import FILES, house_yaml
from harness.simulator import Simulator


@pytest.fixture(scope="session")
def shared_simulator() -> Iterator[Simulator]:
    simulator = Simulator()
    yield simulator
    simulator.stop()


@pytest.fixture
def simulator(shared_simulator: Simulator) -> Simulator:
    """The provider, which has forgotten earlier tests."""
    shared_simulator.forget()
    return shared_simulator


@pytest.fixture
def other_simulator() -> Iterator[Simulator]:
    """A second provider."""
    simulator = Simulator()
    yield simulator
    simulator.stop()


@pytest.fixture
def start_constant_provider() -> Iterator[Callable[..., ConstantProvider]]:
    """Starts providers for what the simulator cannot serve, or is too slow for without optimisation."""
    started: list[ConstantProvider] = []

    def start(**answer) -> ConstantProvider:
        started.append(ConstantProvider(**answer))
        return started[-1]

    yield start
    for provider in started:
        provider.stop()


@pytest.fixture(scope="session")
def shared_gateway(shared_simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("gateway")
    gateway = Gateway(folder, proxy_yaml(shared_simulator.url))
    yield gateway
    gateway.stop()


@pytest.fixture
def gateway(shared_gateway: Gateway, simulator: Simulator) -> Gateway:
    """A gateway with the default configuration; it is shared, so count with `counting`."""
    return shared_gateway


@pytest.fixture
def start_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Gateway]]:
    """Starts a separate gateway from the text of a proxy.yaml; it is stopped and checked after the test."""
    started: list[Gateway] = []

    def start(configuration: str, *arguments: str, **files_and_environment) -> Gateway:
        folder = tmp_path_factory.mktemp("gateway")
        started.append(Gateway(folder, configuration, *arguments, **files_and_environment))
        return started[-1]

    yield start
    for gateway in started:
        gateway.stop()


@pytest.fixture
def open_house(start_gateway, simulator: Simulator) -> Callable[..., Gateway]:
    """Starts a separate gateway with these teams and the test prices."""

    def start(teams, *, files=None, environment=None, **settings) -> Gateway:
        text = house_yaml(simulator.url, teams, **settings)
        return start_gateway(text, files=FILES | (files or {}), environment=environment)

    return start
