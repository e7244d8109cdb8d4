//! `docs/verification.md` says of each venue what its file says. `BLESS=1 cargo test --features verify docs` writes it anew.

use crate::verify::venue::venues;

fn table() -> String {
    let yes = |does: bool| if does { "yes" } else { "-" };
    let mut text = "| venue | grade | permissions | IP whitelist | expiry | environments | asked |\n".to_owned();
    text += "| --- | --- | --- | --- | --- | --- | --- |\n";
    for venue in venues() {
        let environments: Vec<&str> = venue.environments().map(|one| one.as_str()).collect();
        let mut requests: Vec<String> =
            venue.requests.iter().map(|request| format!("`{} {}`", request.method.as_str(), request.path)).collect();
        requests.dedup();
        text += &format!(
            "| {} | {:?} | {} | {} | {} | {} | {} |\n",
            venue.name,
            venue.grade,
            yes(venue.tells_rights()),
            yes(venue.tells_ip()),
            yes(venue.tells_expiry()),
            environments.join(", "),
            requests.join(", "),
        );
    }
    text
}

#[test]
fn the_document_says_what_the_venues_tell() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verification.md");
    let text = std::fs::read_to_string(path).expect("it is there");
    let (before, rest) = text.split_once("<!-- venues -->\n").expect("it has the mark");
    let (found, behind) = rest.split_once("<!-- /venues -->").expect("it has the mark");
    if std::env::var_os("BLESS").is_some() {
        let text = format!("{before}<!-- venues -->\n{}<!-- /venues -->{behind}", table());
        std::fs::write(path, text).expect("it can be written");
    } else {
        assert_eq!(found, table(), "run BLESS=1 cargo test --features verify docs");
    }
}
