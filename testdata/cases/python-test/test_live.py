import pytest

from connectors import ${Exchange}Connector


@pytest.fixture
def connector():
    return ${Exchange}Connector(
        key="${key}",
        secret="${secret}",⟦
        passphrase="${passphrase}",⟧
        sandbox=False,
    )


def test_balance(connector):
    assert connector.balance("USDT") >= 0
