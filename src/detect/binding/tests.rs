use super::*;

/// The value is written `@@@@`; the expected names are separated by commas.
#[track_caller]
fn check(text: &str, expected: &str) {
    let at = text.find("@@@@").expect("a value");
    let text = text.replace("@@@@", "V4lu");
    let binding = bind(text.as_bytes(), Span::new(at, at + 4));
    let names: Vec<&str> =
        binding.names.iter().map(|name| std::str::from_utf8(name.span.of(text.as_bytes())).expect("text")).collect();
    assert_eq!(names.join(","), expected, "{text}");
}

#[test]
fn names_in_many_languages() {
    for (text, expected) in [
        ("API_KEY=@@@@", "API_KEY"),
        ("export API_KEY='@@@@'", "API_KEY"),
        ("api_key = \"@@@@\"", "api_key"),
        ("\"apiKey\": \"@@@@\"", "apiKey"),
        ("{\\\"apiKey\\\":\\\"@@@@\\\"}", "apiKey"),
        ("  apiKey: @@@@", "apiKey"),
        ("Secret Key: @@@@", "Secret Key"),
        ("const K: &str = \"@@@@\";", "K"),
        ("static K: &[u8] = b\"@@@@\";", "K"),
        ("static S: &[u8; 36] = b\"@@@@\";", "S"),
        ("private static final String PASSWORD = \"@@@@\";", "PASSWORD"),
        ("key <- '@@@@'", "key"),
        ("'X-API-KEY': `@@@@`,", "X-API-KEY"),
        ("-H \"X-MBX-APIKEY: @@@@\"", "X-MBX-APIKEY"),
        ("Client(api_key=\"@@@@\")", "api_key"),
        ("c.key = process.env.OKX_KEY || '@@@@'", "process.env.OKX_KEY,c.key"),
        ("os.environ['API_SECRET'] = '@@@@'", "API_SECRET"),
        ("{ \"apiKey\", \"@@@@\" }", "apiKey"),
        ("run --key @@@@ --x", "--key"),
        ("[\"run\", \"--secret\", \"@@@@\"]", "--secret"),
        ("<key>OkxKey</key>\n<string>@@@@</string>", "OkxKey"),
        ("<apiSecret>@@@@</apiSecret>", "apiSecret"),
        ("<add key=\"OkxApiKey\" value=\"@@@@\" />", "value,OkxApiKey"),
        ("- name: OKX_SECRET\n  value: \"@@@@\"", "value,OKX_SECRET"),
        ("{\"key\": \"secret-key\", \"value\": \"@@@@\"}", "value,secret-key"),
        ("variable \"okx_api_key\" {\n  type = string\n  default = \"@@@@\"\n}", "default,okx_api_key"),
        ("API_SECRET = (\n    \"@@@@\"\n)", "API_SECRET"),
        ("API_KEY = \\\n    \"@@@@\"", "API_KEY"),
        ("ENV API_KEY \"@@@@\"", "ENV API_KEY"),
        ("key: d(\"@@@@\")", "key"),
        ("let api_key = Some(\"@@@@\".into());", "api_key"),
        ("?apikey=a&apisecret=@@@@&n=1", "apisecret"),
        ("12:25:05 \"GET /x?apikey=a&apisecret=@@@@&n=1", "apisecret"),
        ("api_secret: String::from(\"@@@@\"),", "api_secret"),
        ("public string ApiKey { get; set; } = \"@@@@\";", "public string ApiKey"),
        ("密钥：@@@@", "密钥"),
        ("ключ = \"@@@@\"", "ключ"),
        ("secret: |\n  @@@@", "secret"),
        ("id;venue;pub;priv\n1;okx;a;@@@@", "priv"),
        ("| name | api key | secret |\n|---|---|---|\n| a | @@@@ | b |", "api key"),
        ("INSERT INTO k (venue, api_key, secret) VALUES ('okx', 'a', '@@@@');", "secret"),
        ("AK := \"@@@@\"", "AK"),
        ("const t = '@@@@';", "t"),
        ("the private part is @@@@.", "the private part"),
        ("hdr = \"X-KEY: @@@@\\r\\nX-SECRET: b\"", "X-KEY"),
        ("hdr = \"X-KEY: a\\r\\nX-SECRET: @@@@\"", "X-SECRET"),
    ] {
        check(text, expected);
    }
}

#[test]
fn callees() {
    for (text, expected) in [
        ("new Client('a', '@@@@')", "Client"),
        ("api = Foo.API(\"@@@@\")", "Foo.API"),
        ("foo(1,\n  \"a\",\n  \"@@@@\")", "foo"),
        ("Feed::connect(\"wss://api.x.dev/ws\", \"@@@@\")", "connect"),
    ] {
        let at = text.find("@@@@").expect("a value");
        let callee = bind(text.as_bytes(), Span::new(at, at + 4)).callee.map(|span| &text[span.range()]);
        assert_eq!(callee, Some(expected), "{text}");
    }
}

/// Versions of a text are judged by what changed: what stands further before than [`told_from`] says names nothing.
#[test]
fn what_stands_before_all_that_was_read_names_nothing() {
    let mut told = 0;
    for lines in [1, 60, 120, 200, 400] {
        for head in ["api_secret = [", "secrets:", "order_id = (", "client(api_key,", "x = {", "id,api_secret"] {
            for row in ["  \"a\",", "- a", "  f(1),", "1,a"] {
                for own in ["  secret = \"V4lu\"", "- V4lu", "  \"V4lu\",", "1,V4lu", "  okx(\"a\", \"V4lu\")"] {
                    let text = |head: &str| {
                        format!("{}{head}\n{}{own}\n", "y = 0\n".repeat(200), format!("{row}\n").repeat(lines))
                    };
                    let (before, after) = (text(head), text("total = price + fee"));
                    let value = |text: &str| text.find("V4lu").map(|at| Span::new(at, at + 4)).expect("a value");
                    let end = after.rfind("fee").expect("the line") + 3;
                    let Some(from) = told_from(after.as_bytes(), value(&after)).filter(|&from| from >= end + 512)
                    else {
                        continue;
                    };
                    told += 1;
                    let names = |text: &str| -> Vec<String> {
                        let binding = bind(text.as_bytes(), value(text));
                        binding.names.iter().map(|name| text[name.span.range()].to_owned()).collect()
                    };
                    assert_eq!(names(&before), names(&after), "from {from} in {after}");
                }
            }
        }
    }
    assert!(told > 0, "some names tell");
}

/// Of a line that is longer than lines are read only the end would be taken for the head.
#[test]
fn a_line_that_is_too_long_heads_no_table() {
    for (cell, expected) in [(40, "secret"), (5000, "")] {
        check(&format!("{},secret,m\n1,@@@@,2\n", "i".repeat(cell)), expected);
    }
}
