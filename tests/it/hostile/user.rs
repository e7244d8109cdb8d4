//! A plain user under narrow limits: 64 open files, 1 GiB of addresses, a tree that belongs to someone else and can't be
//! written, a disk that is full. Where the tests run as root they become `nobody` for it; elsewhere they are a plain user.

use super::*;

/// What a CI image may lack, and what is then not shown by these tests.
fn skipped(why: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("skipped: {why}\n").as_bytes());
}

/// A folder that everybody may pass, with the program in it and a tree that only its owner may write.
fn place() -> Dir {
    let dir = Dir::new();
    std::fs::copy(env!("CARGO_BIN_EXE_stopleak"), dir.at("stopleak")).expect("the program can be copied");
    dir.file("tree/a.env", leak(1)).file("tree/d/b.txt", "text\n".repeat(1000)).file("clean/a", "text");
    (0..300).for_each(|n| done(dir.file(format!("tree/many/{n}"), "text")));
    for name in ["", "tree", "tree/d", "tree/many", "clean"] {
        mode(&dir, name, 0o555);
    }
    dir
}

/// Runs a line of shell as a plain user under the limits, with the program as `$P`; `None` if that can't be done here.
fn as_plain_user(dir: &Dir, script: &str) -> Option<Ended> {
    let limits = "ulimit -n 64 && ulimit -v 1048576 && ulimit -c 0";
    let mut command = if rustix::process::getuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", "--inh-caps=-all"]);
        command.args(["--bounding-set=-all", "sh", "-c", &format!("{limits} && {script}")]);
        command
    } else {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{limits} && {script}")]);
        command
    };
    command.env("P", dir.at("stopleak")).env("HOME", "/nonexistent").env_remove("CI").current_dir(dir.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    match command.spawn() {
        Ok(child) => Some(finish(child, LIMITS.clock, script)),
        Err(error) => {
            skipped(&format!("setpriv can't be run: {error}"));
            None
        }
    }
}

#[test]
fn a_scan_of_a_tree_that_can_not_be_written() {
    let dir = place();
    for (script, code, says) in [
        ("test \"$(id -u)\" != 0 && $P scan tree", 1, "BINANCE_API_SECRET"),
        ("$P scan clean", 0, "no leaked credentials found"),
        ("$P scan tree --format json -j 8", 1, "\"complete\": true"),
        ("{ $P scan tree --json /dev/stdout --quiet; echo ended with $?; } | cat", 0, "ended with 1"),
        ("cat tree/a.env | $P scan -", 1, "BINANCE_API_SECRET"),
    ] {
        let Some(ended) = as_plain_user(&dir, script) else { return };
        assert_eq!(ended.code, Some(code), "{script}: {}", shown(&ended));
        assert!(String::from_utf8_lossy(&ended.stdout).contains(says), "{script}: {}", shown(&ended));
        harmless(&ended, script);
    }
}

#[test]
fn reports_that_can_not_be_written() {
    let dir = place();
    for (script, says) in [
        ("$P scan tree --json out.json", "out.json can't be written: permission denied"),
        ("$P scan tree --json tree/out.json --quiet", "tree/out.json can't be written: permission denied"),
        ("$P scan clean >/dev/full", "standard output can't be written"),
        ("cd clean && $P baseline create", "permission denied"),
    ] {
        let Some(ended) = as_plain_user(&dir, script) else { return };
        assert_eq!(ended.code, Some(2), "{script}: {}", shown(&ended));
        let told = String::from_utf8_lossy(&ended.stderr).to_lowercase();
        assert!(told.contains(says), "{script}: {}", shown(&ended));
        assert!(!String::from_utf8_lossy(&ended.stdout).contains("no leaked credentials"), "{}", shown(&ended));
        assert_eq!(dir.names(), ["clean", "stopleak", "tree"]);
    }
}

/// What belongs to others and is closed is a gap, under the same limits.
#[test]
fn a_tree_that_is_partly_closed() {
    let dir = place();
    mode(&dir, "clean", 0o755);
    dir.file("clean/closed", leak(2)).file("clean/folder/a", leak(3));
    close(&dir, "clean/closed");
    close(&dir, "clean/folder");
    let Some(ended) = as_plain_user(&dir, "$P scan clean") else { return };
    assert_eq!(ended.code, Some(3), "{}", shown(&ended));
    let told = String::from_utf8_lossy(&ended.stdout);
    assert!(told.contains("closed") && told.contains("folder"), "{}", shown(&ended));
    mode(&dir, "clean/folder", 0o755);
}

/// A file system of 16 KiB that root mounts for it, in a name space of its own.
#[test]
fn a_full_disk() {
    if !rustix::process::getuid().is_root() {
        return skipped("only root can mount a small file system; /dev/full and `ulimit -f` stand for it in `exits`");
    }
    let dir = place();
    mode(&dir, "", 0o755);
    let leaks: String = (0..100).map(leak).collect();
    mode(&dir, "tree", 0o755);
    dir.file("tree/more.env", leaks).file("disk/x", "");
    let user = "setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all";
    let script = format!(
        "mount -t tmpfs -o size=16k,mode=777 none disk || exit 99; echo old >disk/out; chmod 666 disk/out; \
         ulimit -n 64; ulimit -v 1048576; {user} ./stopleak scan tree --json disk/out; echo $?; cat disk/out; ls -A disk"
    );
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", &script]).current_dir(dir.path()).env_remove("CI");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(child) = command.spawn() else { return skipped("there is no unshare") };
    let ended = finish(child, LIMITS.clock, "a full disk");
    let told = String::from_utf8_lossy(&ended.stderr);
    if ended.code == Some(99) || told.contains("unshare") {
        return skipped("this container may not mount");
    }
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(said.ends_with("2\nold\nout\n"), "the old report stays, nothing is left: {}", shown(&ended));
    assert!(told.contains("disk/out can't be written"), "{}", shown(&ended));
}
