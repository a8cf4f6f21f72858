import { Command } from "commander";
import type { PlanOptions } from "./commands/plan.ts";
import type { RunOptions } from "./commands/run.ts";
import type { SimulateOptions } from "./commands/simulate.ts";
import { addDeviceCommands } from "./commands/device-commands.ts";
import type { MonitorWords } from "./monitor/monitor-broker.ts";
import { EXIT } from "./process/exit-code.ts";
import { readVersion } from "./process/version.ts";

/**
 * The command line. Each command's code is loaded only when it runs, so that none pays for another and the scan's
 * thread never holds what belongs to the office.
 */
const takt = new Command("takt")
  .description("A Modbus master that keeps time.")
  .version(readVersion())
  .configureHelp({ sortSubcommands: false })
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.done : EXIT.invalid));

/** These hold outputs or sockets: when the reader of what they print is gone (`| head`), they live on or end in order. */
const OUTLIVES_ITS_READER: readonly string[] = ["run", "demo", "demo-world", "simulate"];

takt.hook("preAction", (_takt, command) => {
  const outlives = OUTLIVES_ITS_READER.includes(command.name());
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => {
      if (!outlives) process.exit();
    });
  }
});

function helpHint(command: Command): string {
  return command === takt ? "(takt --help shows all commands)" : `(takt ${command.name()} --help says more)`;
}

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
  .option("--allow-overload", "run a plant that cannot hold its cycle, and say so over MQTT", false)
  .action(async (plant: string, options: RunOptions) => {
    const { run } = await import("./commands/run.ts");
    process.exitCode = await run(plant, options, print);
  });

takt
  .command("check")
  .description(
    "find every mistake in a plant and its profiles, and say what happens to each output when the master dies",
  )
  .argument("<file>", "the plant file, or a profile to be checked by itself")
  .option("--json", "for programs", false)
  .action(async (plant: string, options: { json: boolean }) => {
    const { check } = await import("./commands/check.ts");
    process.exitCode = check(plant, options, print);
  });

takt
  .command("plan")
  .description("lay out the bus schedule of a plant, line by line, and prove that it holds")
  .argument("<plant>", "the plant file")
  .option("--blocks", "list every read, too", false)
  .option("--html <file>", "write it as a page for a browser")
  .option("--json", "for programs", false)
  .action(async (plant: string, options: PlanOptions) => {
    const { plan } = await import("./commands/plan.ts");
    process.exitCode = plan(plant, options, print);
  });

takt
  .command("types")
  .description("write declarations of a plant's devices and tags, for programs in TypeScript")
  .argument("<plant>", "the plant file")
  .option("-o, --out <file>", "where; takt-env.d.ts beside the plant file")
  .action(async (plant: string, options: { out?: string }) => {
    const { types } = await import("./commands/types.ts");
    process.exitCode = types(plant, options, print);
  });

takt
  .command("docs")
  .description("write a JSON Schema of every MQTT payload of a plant")
  .argument("<plant>", "the plant file")
  .option("-o, --out <folder>", "a file for every topic in this folder; without it, all on standard output")
  .action(async (plant: string, options: { out?: string }) => {
    const { docs } = await import("./commands/docs.ts");
    process.exitCode = docs(plant, options, print);
  });

takt
  .command("demo")
  .description("simulate the demo plant, master it and show it live (npm start)")
  .argument("[plant]", "your own copy of config/demo/plant.yaml, on other ports for example")
  .action(async (plant: string | undefined) => {
    const { demo } = await import("./commands/demo.ts");
    process.exitCode = await demo(plant, print);
  });

takt.command("demo-world <plant>", { hidden: true }).action(async (plant: string) => {
  const { demoWorld } = await import("./demo/demo-world.ts");
  process.exitCode = await demoWorld(plant);
});

takt
  .command("simulate")
  .description("serve the slaves of a plant on this machine, for a master of your own")
  .argument("<plant>", "the plant file")
  .option("--seed <number>", "the same seed gives the same plant", Number)
  .option("--strict", "refuse registers between tags instead of reading them as 0", false)
  .option("--faults", "take commands that switch faults on standard input, though it is no terminal", false)
  .option("--fault-rate <share>", "share of the transactions in which something goes wrong, as 0.01", Number)
  .option("--fault-seed <number>", "the same number gives the same turnarounds and faults", Number)
  .action(async (plant: string, options: SimulateOptions) => {
    const { simulate } = await import("./commands/simulate.ts");
    process.exitCode = await simulate(plant, options, print);
  });

takt
  .command("monitor")
  .description("show a plant live over MQTT")
  .option("-s, --settings <file>", "the site settings of the master; TAKT_… variables override them")
  .option("-u, --url <url>", "the broker; mqtt.url of the settings, or mqtt://127.0.0.1:1883")
  .option(
    "-r, --root <topic>",
    "where the master's topics begin; mqtt.root, or takt/<gateway>, or takt/+ for any gateway",
  )
  .option("--username <name>", "user at the broker; mqtt.username")
  .option("--password-file <file>", "holds the password and nothing else; mqtt.passwordFile")
  .option("--json", "every message as a line of JSON", false)
  .action(async (options: MonitorWords & { json: boolean }) => {
    const { monitorBySettings } = await import("./commands/monitor.ts");
    process.exitCode = await monitorBySettings(options, print);
  });

takt
  .command("trace")
  .description("show the frames of a line of the running master as they come, and record them")
  .argument("<line>", "its name in the plant file")
  .option("-o, --out <file>", "a pcapng file that Wireshark and tshark decode")
  .option("--json", "one object a line", false)
  .action(async (line: string, options: { out?: string; json: boolean }) => {
    const { trace } = await import("./commands/trace.ts");
    const { defaultRuntimeFolder } = await import("./control/runtime-folder.ts");
    const { systemClock } = await import("../kit/system-clock.ts");
    const { standardTerminal } = await import("./process/terminal.ts");
    const stop = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
    const how = { ...options, folder: defaultRuntimeFolder(process.env), clock: systemClock };
    process.exitCode = await trace(line, how, standardTerminal, stop.signal);
  });

takt
  .command("replay")
  .description("serve a recording of takt trace as a slave on this machine")
  .argument("<file>", "the pcapng file")
  .option("-l, --line <name>", "which of its lines; the first")
  .option("-p, --port <number>", "where; any free port", Number, 0)
  .action(async (file: string, options: { line?: string; port: number }) => {
    const { replay } = await import("./commands/replay.ts");
    const { systemClock } = await import("../kit/system-clock.ts");
    const { standardTerminal } = await import("./process/terminal.ts");
    const stop = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
    process.exitCode = await replay(file, { ...options, clock: systemClock }, standardTerminal, stop.signal);
  });

addDeviceCommands(takt);
for (const command of [takt, ...takt.commands]) command.showHelpAfterError(helpHint(command));

await takt.parseAsync();
