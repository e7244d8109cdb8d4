//! Which configuration is in force, where it is from, and the commands that show and check it.

use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args as ClapArgs, Subcommand};
use stopleak::config::{self, Config, ConfigError, FILES};
use stopleak::rules::RuleSet;
use stopleak::source::read;

use super::{output, show};

/// A configuration is a page or two; one beyond this is something else.
const MOST_BYTES: u64 = 4 << 20;

/// Where the configuration is from: the same for every command that judges.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(next_help_heading = "Configuration")]
pub(super) struct ConfigArgs {
    /// The configuration. Default: stopleak.toml, .stopleak.toml or pyproject.toml at the root of what is scanned
    #[arg(long, value_name = "FILE", conflicts_with_all = ["no_config", "config_from"], hide_short_help = true)]
    pub(super) config: Option<PathBuf>,
    /// Use no configuration
    #[arg(long, conflicts_with = "config_from", hide_short_help = true)]
    pub(super) no_config: bool,
    /// Take the configuration from a revision
    ///
    /// So that a change can't accept its own leak.
    #[cfg(feature = "git")]
    #[arg(long, value_name = "REV")]
    pub(super) config_from: Option<String>,
    /// What is known already. Default: .stopleak-baseline beside the configuration, if there is one
    #[arg(long, value_name = "FILE", conflicts_with = "no_baseline", hide_short_help = true)]
    pub(super) baseline: Option<PathBuf>,
    /// Use no baseline
    #[arg(long, hide_short_help = true)]
    pub(super) no_baseline: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Print the settings in force and where each is from
    Show(ShowArgs),
    /// Check a configuration; nothing is scanned
    Check(ShowArgs),
}

#[derive(Debug, ClapArgs)]
pub(super) struct ShowArgs {
    /// What would be scanned. Default: the current folder
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    #[command(flatten)]
    config: ConfigArgs,
}

/// What a folder or a revision holds.
pub(super) enum Files {
    Disk,
    #[cfg(feature = "git")]
    Git {
        repository: Box<stopleak::source::git::Repository>,
        /// As typed.
        spec: String,
        id: stopleak::source::git::ObjectId,
    },
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Disk => "Disk",
            #[cfg(feature = "git")]
            Self::Git { .. } => "Git",
        })
    }
}

impl Files {
    /// The text of a file; nothing if there is none. What is there and is no small regular file of text is an error, and
    /// its content is not quoted: it may be a link to something private.
    pub(super) fn read(&self, root: &Path, name: &str, limit: u64) -> anyhow::Result<Option<String>> {
        let shown = self.shown(name);
        let bytes = match self {
            Self::Disk => {
                let path = root.join(name);
                match std::fs::symlink_metadata(&path) {
                    Err(error) if is_absent(&error) => return Ok(None),
                    // Nobody can look into the folder: what is read of it is told by the scan.
                    Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => return Ok(None),
                    Err(error) => return Err(error).with_context(|| format!("{shown} can't be read")),
                    Ok(_) => read::small(&path, limit)
                        .map_err(|reason| anyhow::anyhow!("{shown} can't be used: {reason}; write a regular file"))?,
                }
            }
            #[cfg(feature = "git")]
            Self::Git { repository, id, .. } => match repository.file_at(*id, name, limit) {
                Ok(Some(bytes)) => bytes,
                Ok(None) => return Ok(None),
                Err(reason) => bail!("{shown} can't be used: {reason}"),
            },
        };
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let line = 1 + error.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count();
            anyhow::anyhow!("{shown}:{line}: this is no UTF-8; save the file as UTF-8")
        })?;
        Ok(Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))
    }

    /// A file's name with the revision it is from.
    pub(super) fn shown(&self, name: &str) -> String {
        match self {
            Self::Disk => name.to_owned(),
            #[cfg(feature = "git")]
            Self::Git { spec, .. } => format!("{spec}:{name}"),
        }
    }
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

/// What is in force.
#[derive(Debug)]
pub(super) struct Settings {
    /// The configuration, if there is one.
    pub(super) config: Option<Config>,
    /// The folder that it and the baseline are in: the root of what is scanned.
    pub(super) root: PathBuf,
    /// The root relative to the repository's, for files of a revision: empty or `sub/folder/`.
    pub(super) below: String,
    /// Where the files are from.
    pub(super) files: Files,
    /// The name of the configuration's file in `root`, if it stands in what is scanned.
    pub(super) name: Option<&'static str>,
}

impl Settings {
    /// The settings for a scan that begins at `start`, a folder that exists.
    pub(super) fn find(typed: &ConfigArgs, start: &Path) -> anyhow::Result<Self> {
        let start = start.canonicalize().unwrap_or_else(|_| start.to_path_buf());
        let top = repository_root(&start);
        let folders: Vec<&Path> = match &top {
            Some(top) => start.ancestors().take_while(|folder| folder.starts_with(top)).collect(),
            None => vec![&start],
        };
        let root = top.clone().unwrap_or_else(|| start.clone());
        let files = Self::files(typed, &root)?;
        let mut settings = Self { config: None, root, below: String::new(), files, name: None };
        if typed.no_config {
            return Ok(settings);
        }
        if let Some(file) = &typed.config {
            settings.config = Some(explicit(file)?);
            return Ok(settings);
        }
        for folder in folders {
            let below = below(top.as_deref(), folder);
            if let Some((name, config)) = settings.in_folder(folder, &below)? {
                settings =
                    Self { config: Some(config), root: folder.to_path_buf(), below, name: Some(name), ..settings };
                break;
            }
        }
        Ok(settings)
    }

    #[cfg(feature = "git")]
    fn files(typed: &ConfigArgs, root: &Path) -> anyhow::Result<Files> {
        let Some(spec) = &typed.config_from else { return Ok(Files::Disk) };
        let repository = stopleak::source::git::Repository::open(Some(root)).context("--config-from")?;
        let id = repository.resolve(spec).context("--config-from")?;
        Ok(Files::Git { repository: Box::new(repository), spec: spec.clone(), id })
    }

    #[cfg(not(feature = "git"))]
    fn files(_: &ConfigArgs, _: &Path) -> anyhow::Result<Files> {
        Ok(Files::Disk)
    }

    /// The configuration in one folder. Two of them would each be believed by somebody to hold.
    fn in_folder(&self, folder: &Path, below: &str) -> anyhow::Result<Option<(&'static str, Config)>> {
        let mut found: Option<(&'static str, Config)> = None;
        for source in FILES {
            let name = format!("{below}{}", source.file);
            let place = if matches!(self.files, Files::Disk) { source.file } else { &name };
            let Some(text) = self.files.read(folder, place, MOST_BYTES)? else { continue };
            // A project's file is read as TOML only if it may speak of us: its other tables are not our business.
            if !source.table.is_empty() && !text.contains("stopleak") {
                continue;
            }
            let shown = self.files.shown(&name);
            let Some(config) = config::read(&shown, &text, source.table).map_err(all)? else { continue };
            if let Some((other, _)) = found {
                bail!("{shown}: there is {} as well; keep one of them", self.files.shown(&format!("{below}{other}")));
            }
            found = Some((source.file, config));
        }
        Ok(found)
    }

    /// The rule files that the configuration names, with their texts.
    pub(super) fn rule_files(&self) -> anyhow::Result<Vec<(String, String)>> {
        let Some(config) = &self.config else { return Ok(Vec::new()) };
        let each = config.tables.rules.files.iter().map(|file| {
            let text = self.read(file.get_ref(), MOST_BYTES)?;
            let place = config.place(file);
            let text =
                text.with_context(|| format!("{place}: there is no rule file {}; check the path", file.get_ref()))?;
            Ok((self.files.shown(&format!("{}{}", self.below, file.get_ref())), text))
        });
        each.collect()
    }

    /// A file below the root.
    pub(super) fn read(&self, name: &str, limit: u64) -> anyhow::Result<Option<String>> {
        if matches!(self.files, Files::Disk) {
            // No folder on the way may lead elsewhere.
            let mut path = self.root.clone();
            let parts: Vec<Component<'_>> = Path::new(name).components().collect();
            for part in &parts[..parts.len().saturating_sub(1)] {
                path.push(part);
                if path.is_symlink() {
                    bail!("{name} can't be used: {} is a link; name a file below the root", path.display());
                }
            }
            return self.files.read(&self.root, name, limit);
        }
        self.files.read(&self.root, &format!("{}{name}", self.below), limit)
    }
}

/// A configuration that was named on the command line. Links are followed: the user typed it.
fn explicit(file: &Path) -> anyhow::Result<Config> {
    let shown = file.display().to_string();
    let real = file.canonicalize().with_context(|| format!("--config {shown}"))?;
    let folder = real.parent().unwrap_or(Path::new("/"));
    let name = real.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let text = Files::Disk.read(folder, name, MOST_BYTES)?.with_context(|| format!("--config {shown}: it is gone"))?;
    let source = FILES.iter().find(|source| source.file == name);
    let table = source.map_or(&[][..], |source| source.table);
    config::read(&shown, &text, table)
        .map_err(all)?
        .with_context(|| format!("{shown}: there is no [{}]; add it or name another file", table.join(".")))
}

/// All faults in one message.
pub(super) fn all(errors: Vec<ConfigError>) -> anyhow::Error {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("the configuration can't be used\n{}", lines.join("\n"))
}

/// The folder of the repository that holds `folder`: the nearest with a `.git` in it.
fn repository_root(folder: &Path) -> Option<PathBuf> {
    let holds = |folder: &&Path| std::fs::symlink_metadata(folder.join(".git")).is_ok_and(|found| !found.is_symlink());
    folder.ancestors().find(holds).map(Path::to_path_buf)
}

/// `sub/folder/` for a folder of the repository, empty for its root.
fn below(top: Option<&Path>, folder: &Path) -> String {
    let inside = top.and_then(|top| folder.strip_prefix(top).ok()).unwrap_or(Path::new(""));
    inside.components().map(|part| format!("{}/", part.as_os_str().to_string_lossy())).collect()
}

/// The folder that holds all targets, where the search for a configuration begins.
pub(super) fn common_folder(paths: &[PathBuf]) -> PathBuf {
    let folder = |path: &PathBuf| {
        let path = path.canonicalize().unwrap_or_else(|_| path.clone());
        if path.is_dir() { path } else { path.parent().map(Path::to_path_buf).unwrap_or_default() }
    };
    let folders = paths.iter().map(folder);
    let shared = |a: PathBuf, b: PathBuf| {
        a.components().zip(b.components()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect::<PathBuf>()
    };
    folders.reduce(shared).unwrap_or_else(|| PathBuf::from("."))
}

/// `stopleak config`.
pub(super) fn run(command: &ConfigCommand) -> anyhow::Result<u8> {
    let (ConfigCommand::Show(typed) | ConfigCommand::Check(typed)) = command;
    let start = common_folder(std::slice::from_ref(&typed.path));
    if !typed.path.exists() {
        bail!("{}: there is no such path", typed.path.display());
    }
    let settings = Settings::find(&typed.config, &start)?;
    let rules = super::rules::load(&[], &settings.rule_files()?)?;
    if let Some(config) = &settings.config {
        config.check_names(&rules).map_err(all)?;
    }
    let page = match command {
        ConfigCommand::Show(_) => show::page(&settings, &rules),
        ConfigCommand::Check(_) => checked(&settings, &rules),
    };
    output::print(&page).map(|()| 0)
}

fn checked(settings: &Settings, rules: &RuleSet) -> String {
    match &settings.config {
        Some(config) => format!("{} is right; {} rules\n", config.file, rules.rules().len()),
        None => {
            let names: Vec<&str> = FILES.iter().map(|source| source.file).collect();
            format!("there is no configuration ({} in {})\n", names.join(", "), settings.root.display())
        }
    }
}
