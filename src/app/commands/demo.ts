import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { packageFile } from "../../config/source/package-file.ts";
import { ms } from "../../kit/time.ts";
import { TaktChild } from "../demo/child.ts";
import type { WorldMessage } from "../demo/demo-world.ts";
import { introduction } from "../demo/introduction.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";
import { monitor } from "./monitor.ts";

/** The whole stop, from Ctrl-C to the prompt, is to take less than 3 s. */
const MASTER_STOPS_WITHIN = ms(2500);
const WORLD_STOPS_WITHIN = ms(400);

/** The demo's own broker lets everybody in. */
const OPEN_BROKER = {
  username: undefined,
  password: undefined,
  tls: { ca: undefined, cert: undefined, key: undefined },
};

/** Where the demo's topics begin. */
const ROOT = "takt/demo";

/**
 * `npm start`: simulates a plant and a broker in one process, masters it in another, and shows it live in this one until
 * Ctrl-C. Without a file it is the demo plant.
 */
export async function demo(file: string | undefined, out: (text: string) => void): Promise<ExitCode> {
  const plant = file ?? packageFile("config/demo/plant.yaml");
  const stop = stopSignal();
  const world = new TaktChild(["demo-world", plant], process.env);
  const told = await firstMessage(world);
  if (told.kind === "failed") {
    out(`The demo could not start: ${told.reason}`);
    if (told.reason.includes("EADDRINUSE")) out(PORT_TAKEN);
    return told.code;
  }
  if (stop.signal.aborted) {
    await endWorld(world);
    return EXIT.done;
  }
  const url = `mqtt://127.0.0.1:${told.brokerPort}`;
  const log = join(tmpdir(), `takt-demo-${process.pid}.log`);
  const store = join(tmpdir(), `takt-demo-${process.pid}.store`);
  const master = new TaktChild(["run", plant], masterEnvironment(url, log, store));
  const notes = introduction({ port: told.brokerPort, root: ROOT, log });
  out(notes.join("\n"));
  const failed = Promise.race([master.ended, world.ended]).then(() => stop.abort());
  await monitor({ ...OPEN_BROKER, url, root: ROOT, json: false, notes }, stop.signal);
  const code = await leave({ master, world, signal: signalOf(stop) }, out);
  await failed;
  rmSync(store, { recursive: true, force: true });
  if (code === EXIT.done) rmSync(log, { force: true });
  else out(`Its log is kept: ${log}`);
  return code;
}

const PORT_TAKEN = [
  "Is another demo running, or a simulator? End that one, or start a copy of the demo's folder with other ports in its plant.yaml:",
  `  cp -r ${dirname(packageFile("config/demo/plant.yaml"))} my-demo`,
  "  takt demo my-demo/plant.yaml",
].join("\n");

function masterEnvironment(url: string, log: string, store: string): NodeJS.ProcessEnv {
  const folders = { TAKT_LOG_TO: log, TAKT_STORE_DIR: store };
  return { ...process.env, TAKT_GATEWAY: "demo", TAKT_MQTT_URL: url, TAKT_MQTT_ROOT: ROOT, ...folders };
}

interface Parts {
  readonly master: TaktChild;
  readonly world: TaktChild;
  /** What the master is told to end with: it says so in its farewell. */
  readonly signal: NodeJS.Signals;
}

/** First the master, whose last writes the slaves still answer, then the world. */
async function leave({ master, world, signal: asked }: Parts, out: (text: string) => void): Promise<ExitCode> {
  master.process.kill(asked);
  const { code, signal } = await master.end(MASTER_STOPS_WITHIN);
  await endWorld(world);
  if (signal === asked) {
    out("takt stopped before it began; nothing was written.");
    return EXIT.done;
  }
  out(master.output === "" ? `takt ended with ${signal ?? `code ${code ?? "?"}`}` : master.output);
  if (world.output !== "") out(world.output);
  return code === EXIT.done ? EXIT.done : EXIT.failed;
}

async function endWorld(world: TaktChild): Promise<void> {
  if (world.process.connected) world.process.send("end");
  await world.end(WORLD_STOPS_WITHIN);
}

function firstMessage(world: TaktChild): Promise<WorldMessage> {
  const message = new Promise<WorldMessage>((resolve) =>
    world.process.once("message", (told) => resolve(told as WorldMessage)),
  );
  const ended = world.ended.then((): WorldMessage => ({
    kind: "failed",
    reason: world.output || "its world ended",
    code: EXIT.failed,
  }));
  return Promise.race([message, ended]);
}

/** Ctrl-C is passed on as what it is; whatever else ends the demo, the master is told by SIGTERM. */
function signalOf({ signal: { reason } }: AbortController): NodeJS.Signals {
  return reason === "SIGINT" ? "SIGINT" : "SIGTERM";
}

function stopSignal(): AbortController {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort(signal));
  // A reader of our output that went away (`npm start | head`) ends the demo like Ctrl-C.
  process.stdout.on("error", () => stop.abort());
  return stop;
}
