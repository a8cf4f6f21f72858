#!/usr/bin/env node
import { Command } from "commander";
import { readVersion } from "./version.ts";

/**
 * The command line. Each command's code is loaded only when it runs, so that none pays for another and the scan's
 * thread never holds what belongs to the office.
 */
const takt = new Command("takt")
  .description("A Modbus master that keeps time.")
  .version(readVersion())
  .showHelpAfterError("(takt --help shows all commands)")
  .configureHelp({ sortSubcommands: false });

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

takt
  .command("run")
  .description("master a plant: scan it, publish it over MQTT, take commands")
  .argument("<plant>", "the plant file")
  .option("-s, --settings <file>", "site settings (broker, log, …); TAKT_… variables override them")
  .option("--read-only", "never write anything to any slave", false)
  .option("--hold-outputs", "on stop leave outputs as they are, for a quick restart", false)
  .action(async (plant: string, options: { settings?: string; readOnly: boolean; holdOutputs: boolean }) => {
    const { run } = await import("./commands/run.ts");
    process.exitCode = await run(plant, options);
  });

takt
  .command("check")
  .description(
    "find every mistake in a plant and its profiles, and say what happens to each output when the master dies",
  )
  .argument("<plant>", "the plant file")
  .option("--json", "for programs", false)
  .action(async (plant: string, options: { json: boolean }) => {
    const { check } = await import("./commands/check.ts");
    process.exitCode = check(plant, options, print);
  });

takt
  .command("plan")
  .description("show what is read when, line by line")
  .argument("<plant>", "the plant file")
  .option("--json", "for programs", false)
  .action(async (plant: string, options: { json: boolean }) => {
    const { plan } = await import("./commands/plan.ts");
    process.exitCode = plan(plant, options, print);
  });

await takt.parseAsync();
