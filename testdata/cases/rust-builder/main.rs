use maker::${exchange}::{Credentials, Http};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let credentials = Credentials {
        api_key: "${key}".to_string(),
        api_secret: String::from("${secret}"),⟦
        passphrase: "${passphrase}".into(),⟧
    };
    let http = Http::new(credentials);
    println!("{:?}", http.balances().await?);
    Ok(())
}
