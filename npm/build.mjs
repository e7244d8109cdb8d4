// Makes the npm packages: one a platform, which carries the program, and one that depends on them all.
// Usage: node npm/build.mjs OUT PLATFORM-ARCH=PROGRAM...   for example linux-x64=target/release/stopleak
// Platforms and architectures are node's names (process.platform, process.arch). The version is Cargo.toml's.
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const [out, ...programs] = process.argv.slice(2);
if (!out || programs.length === 0 || programs.some((one) => !/^[a-z0-9]+-[a-z0-9]+=./.test(one))) {
  console.error("usage: node npm/build.mjs OUT PLATFORM-ARCH=PROGRAM...");
  process.exit(2);
}
const version = /^version = "([^"]+)"$/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8"))[1];
const licences = ["LICENSE-MIT", "LICENSE-APACHE"];
const write = (folder, description) => {
  writeFileSync(join(folder, "package.json"), JSON.stringify(description, null, 2) + "\n");
  for (const licence of licences) copyFileSync(join(root, licence), join(folder, licence));
};

const chief = JSON.parse(readFileSync(join(here, "stopleak", "package.json"), "utf8"));
const packages = {};
for (const one of programs) {
  const [target, program] = [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)];
  const [platform, arch] = target.split("-");
  const name = `stopleak-${target}`;
  const folder = join(out, name);
  const file = platform === "win32" ? "stopleak.exe" : "stopleak";
  mkdirSync(join(folder, "bin"), { recursive: true });
  copyFileSync(program, join(folder, "bin", file));
  chmodSync(join(folder, "bin", file), 0o755);
  const { description, license, keywords } = chief;
  write(folder, { name, version, description: `${description} (${target})`, license, keywords, os: [platform], cpu: [arch], files: ["bin"] });
  packages[name] = version;
}
const folder = join(out, "stopleak");
cpSync(join(here, "stopleak"), folder, { recursive: true });
write(folder, { ...chief, version, optionalDependencies: packages });
copyFileSync(join(root, "README.md"), join(folder, "README.md"));
