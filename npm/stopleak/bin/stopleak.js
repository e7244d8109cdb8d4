#!/usr/bin/env node
// Runs the program that npm installed for this platform as an optional dependency. Nothing is downloaded here.
"use strict";

const { spawnSync } = require("node:child_process");

const name = `stopleak-${process.platform}-${process.arch}`;
const file = process.platform === "win32" ? "stopleak.exe" : "stopleak";
let program;
try {
  program = require.resolve(`${name}/bin/${file}`);
} catch {
  console.error(
    `stopleak: the package ${name} is not installed. Install without --no-optional (--omit=optional); if there is no such ` +
      "package for this platform, build stopleak with cargo.",
  );
  process.exit(2);
}
const run = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (run.error) {
  console.error(`stopleak: ${program} can't be run: ${run.error.message}`);
  process.exit(2);
}
if (run.signal) {
  process.kill(process.pid, run.signal);
}
process.exit(run.status === null ? 2 : run.status);
