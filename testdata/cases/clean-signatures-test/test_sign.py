from connectors.${exchange} import sign


def test_sign_of_an_order():
    params = {"symbol": "BTCUSDT", "timestamp": 1717328420113}
    assert sign("dummy-secret", params) == "${hex:64}"
    assert sign("other-dummy", {}, digest="sha512").startswith("${hex:48}")


def test_headers(client):
    headers = client.headers("GET", "${path}")
    assert headers["${sign-header}"] == "${hex:64}"
    assert headers["X-Checksum"] == "${hex:32}"
