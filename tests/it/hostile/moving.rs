//! Trees that change while they are read. What is found can't be foretold; that it ends well can. `.ci/soak` does the same a
//! thousand times and watches the memory.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

/// Changes files without end: they grow, shrink, vanish, become folders, links and pipes.
fn disturb(root: &std::path::Path, stop: &AtomicBool) {
    let mut turn = 0_usize;
    while !stop.load(Ordering::Relaxed) {
        turn += 1;
        let path = root.join(format!("{}/{}", turn % 3, turn % 17));
        let _ = std::fs::remove_file(&path);
        let _ = std::fs::remove_dir_all(&path);
        // What fails because the other side was faster is part of the game.
        let _ = match turn * 7 % 6 {
            0 => std::fs::write(&path, leak(1)),
            1 => std::fs::write(&path, "x".repeat(turn * 997 % 3_000_000)),
            2 => std::fs::create_dir_all(path.join("a/b")),
            3 => std::os::unix::fs::symlink("..", &path),
            4 => std::fs::write(&path, "x\n".repeat(50_000))
                .and_then(|()| std::fs::File::options().write(true).open(&path)?.set_len(10)),
            _ => rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0)
                .map_err(Into::into),
        };
    }
}

#[test]
fn a_tree_that_changes() {
    let dir = Dir::new();
    (0..3).for_each(|n| done(dir.file(format!("tree/{n}/keep"), "text")));
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let root = dir.at("tree");
        let stop = &stop;
        scope.spawn(move || disturb(&root, stop));
        let held = std::panic::catch_unwind(|| (0..25).for_each(|_| ends_well(&dir)));
        stop.store(true, Ordering::Relaxed);
        held.expect("every scan ends well");
    });
}

fn ends_well(dir: &Dir) {
    let title = "a tree that changes";
    let command = limited(dir, &["scan", "tree", "--format", "json", "-j", "2"], LIMITS).spawn();
    let ended = finish(command.expect("a shell"), LIMITS.clock, title);
    harmless(&ended, title);
    let report: Value = serde_json::from_slice(&ended.stdout).unwrap_or_else(|_| panic!("{}", shown(&ended)));
    let found = report["findings"].as_array().expect("a list").len();
    let complete = report["coverage"]["complete"] == true;
    let code = if found > 0 { 1 } else { 3 * i32::from(!complete) };
    assert_eq!(ended.code, Some(code), "{}", shown(&ended));
}
