//! Reports in files: complete or not there, never two in one place.

use crate::harness::Dir;

#[test]
fn several_reports_are_written_at_once() {
    let dir = Dir::new();
    dir.file("tree/a", "text");
    let run = dir.run(&["scan", "tree", "--sarif", "out.sarif", "--json", "out.json"]);
    run.prints(0, &["no leaked credentials found"]);
    assert!(dir.read("out.sarif").contains("sarif-2.1.0.json"));
    assert!(dir.read("out.json").contains("stopleak-report/1"));
    assert_eq!(dir.names(), ["out.json", "out.sarif", "tree"], "nothing temporary stays");
}

#[test]
fn a_report_in_a_file_leaves_standard_output_empty() {
    let dir = Dir::new();
    let run = dir.run(&["scan", "--format", "json", "--output", "out.json"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""));
    dir.run(&["scan", "--format", "json", "--output", "-"]).prints(0, &["stopleak-report/1"]);
}

#[test]
fn a_report_that_can_not_be_written_is_refused_before_the_scan() {
    let dir = Dir::new();
    dir.file("file", "text").file("folder/x", "text");
    let cases: &[(&[&str], &str)] = &[
        (&["--output", "nowhere/out.json"], "nowhere/out.json can't be written"),
        (&["--output", "file/out.json"], "file/out.json"),
        (&["--output", "folder"], "folder is a folder"),
        (&["--sarif", "nowhere/out.sarif"], "nowhere/out.sarif can't be written"),
        (&["--sarif", "out", "--json", "out"], "can't go to the same file"),
        (&["--sarif", "-"], "--format sarif"),
        (&["--json", "-"], "--format json"),
        (&["--report", "gitlab=nowhere/x.json"], "nowhere/x.json can't be written"),
        (&["--report", "gitlab=-"], "--format"),
        (&["--report", "gitlab"], "gitlab=out.json"),
        (&["--report", "xml=out"], "there is no format xml; write one of text, json, sarif, github, gitlab"),
        (&["--report", "csv=out", "--report", "junit=out"], "can't go to the same file"),
        (&["--show-secrets", "--report", "junit=out"], "text, json, sarif and csv only"),
    ];
    for (args, says) in cases {
        let run = dir.run(&[&["scan", "."], *args].concat());
        run.fails(2, &[says]);
        assert_eq!(run.stdout, "", "nothing was scanned");
        assert_eq!(dir.names(), ["file", "folder"], "{args:?} leaves nothing behind");
    }
}

#[test]
fn a_folder_that_is_not_there_is_named_and_our_temporary_file_is_not() {
    let run = Dir::new().run(&["scan", ".", "--output", "nowhere/out.json"]);
    run.fails(2, &["nowhere/out.json can't be written: No such file or directory", "nowhere; make the folder"]);
    assert!(!run.stderr.contains(".stopleak-"), "{run:#?}");
}

#[test]
fn every_format_is_written_on_request() {
    let dir = Dir::new();
    let value = |seed| crate::harness::random(seed, crate::harness::ALNUM, 64);
    dir.file("tree/live.env", format!("BINANCE_API_KEY={}\nBINANCE_API_SECRET={}\n", value(1), value(2)));
    let begins = [
        ("text", "critical: Binance API key + secret"),
        ("json", "{\n \"schema\": \"stopleak-report/1\""),
        ("sarif", "{\n \"$schema\""),
        ("github", "::error file=tree/live.env,line=2,"),
        ("gitlab", "{\n \"version\": \"15.0.7\""),
        ("codequality", "[\n {\n  \"description\": \"Binance API key + secret"),
        ("junit", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"stopleak\" tests=\"2\""),
        ("csv", "kind,severity,"),
        ("markdown", "## stopleak: 1 leaked credential: 1 critical\n"),
    ];
    let mut args = vec!["scan".to_owned(), "tree".to_owned()];
    for (format, begin) in begins {
        let run = dir.run(&["scan", "tree", "--format", format]);
        assert!(run.stdout.starts_with(begin), "{format}: {run:#?}");
        assert_eq!(run.code, Some(1));
        args.extend(["--report".to_owned(), format!("{format}=out.{format}")]);
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    dir.run(&args).prints(1, &["critical: Binance"]);
    for (format, begin) in begins {
        assert!(dir.read(format!("out.{format}")).starts_with(begin), "{format}");
    }
}

#[test]
fn an_old_report_stays_if_there_is_no_new_one() {
    let dir = Dir::new();
    dir.file("out.json", "old");
    dir.run(&["scan", "nowhere", "--json", "out.json"]).fails(2, &["nowhere"]);
    assert_eq!(dir.read("out.json"), "old");
    dir.run(&["scan", "--json", "out.json"]).prints(0, &[]);
    assert_ne!(dir.read("out.json"), "old");
}

#[cfg(unix)]
#[test]
fn devices_and_pipes_are_written_in_place() {
    let dir = Dir::new();
    let pipe = dir.at("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0)
        .expect("pipes can be made");
    let path = pipe.clone();
    let reader = std::thread::spawn(move || std::fs::read_to_string(path).expect("the pipe is read"));
    dir.file("tree/a", "text");
    dir.run(&["scan", "tree", "--format", "json", "--output", "pipe"]).prints(0, &[]);
    assert!(reader.join().expect("the reader ends").contains("stopleak-report/1"));
    let kind = std::fs::symlink_metadata(&pipe).expect("it is there").file_type();
    assert!(std::os::unix::fs::FileTypeExt::is_fifo(&kind), "it is still a pipe");
    dir.run(&["scan", "tree", "--output", "/dev/null"]).prints(0, &[]);
}

#[test]
fn reports_are_the_same_for_any_number_of_threads() {
    let dir = Dir::new();
    for number in 0..200 {
        dir.file(format!("tree/{}/{number}.txt", number % 7), format!("text {number}\n").repeat(number));
    }
    for format in ["json", "sarif", "junit", "csv", "codequality"] {
        let run = |threads| dir.run(&["scan", "tree", "--max-file-size", "1k", "--format", format, "-j", threads]);
        let one = run("1");
        assert_eq!(one.code, Some(3), "{one:#?}");
        for threads in ["2", "8"] {
            assert!(run(threads).stdout == one.stdout, "{format} differs with -j {threads}");
        }
    }
}
