let market = ${Exchange}Account::new(
    Some("${key}".into()),
    Some("${secret}".into()),
);
