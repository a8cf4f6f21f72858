import { spawn } from "node:child_process";
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { realpath, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { ReadStream } from "node:tty";
import type { SerialLineSettings } from "../../config/plant/plant.ts";
import type { Clock } from "../../kit/clock.ts";
import { type Instant, ms, plus } from "../../kit/time.ts";
import type { SerialFormat } from "../../modbus/serial-format.ts";
import { characterTime } from "../../modbus/wire-time.ts";
import { type DeviceIdentity, deviceIdentity, watchDevice } from "./device-watch.ts";
import type { OpenRtuTransport, RtuTransport, RtuTransportEvents } from "./rtu-transport.ts";
import { adapterPath } from "./serial-adapters.ts";

/**
 * A serial port of Linux through node's own terminal streams: nothing passes through the thread pool. The format is set
 * by the program `stty`, the lock taken by the program `flock`. There is no word from the driver that a frame has left:
 * its time on the wire is computed.
 */
export function ttyTransport(
  settings: SerialLineSettings,
  clock: Clock,
  identity: DeviceIdentity = deviceIdentity,
): OpenRtuTransport {
  return async (events) => {
    const path = await adapterPath(settings.adapter);
    const port = openSync(path, OPEN_FLAGS);
    try {
      await lock(path, port);
      await format(path, settings.format);
      if (settings.lowLatency) await shortenLatency(path);
      return new TtyTransport({ path, port, settings, clock, identity, events });
    } catch (error) {
      closeSync(port);
      throw error;
    }
  };
}

const OPEN_FLAGS = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;

/** Longest that `stty` and `flock` may take, in milliseconds. */
const MOST_PROGRAM_TIME = 5000;

/** The lock stays with the open port when the program that took it has ended; serialport takes the same one. */
async function lock(path: string, port: number): Promise<void> {
  const { code } = await run("flock", ["--nonblock", "--exclusive", String(LOCKED)], port);
  if (code !== 0) throw new Error(`${path} is in use by another program`);
}

async function format(path: string, serial: SerialFormat): Promise<void> {
  const { code, err } = await run("stty", ["-F", path, ...sttySettings(serial)]);
  if (code === 0 || (await isPseudoTerminal(path))) return;
  throw new Error(`${path}: ${err.trim()}`);
}

function sttySettings({ baudRate, parity, stopBits }: SerialFormat): readonly string[] {
  const parities = { none: ["-parenb"], even: ["parenb", "-parodd"], odd: ["parenb", "parodd"] };
  const stop = stopBits === 2 ? "cstopb" : "-cstopb";
  const flow = ["-ixon", "-ixoff", "-crtscts", "clocal", "cread"];
  return ["raw", "-echo", String(baudRate), "cs8", ...parities[parity], stop, ...flow, "min", "1", "time", "0"];
}

/** Pseudo-terminals have no parity, and `stty` complains of that. */
async function isPseudoTerminal(path: string): Promise<boolean> {
  return (await realpath(path)).startsWith("/dev/pts/");
}

/** FTDI adapters keep what arrives for 16 ms unless told otherwise; others have no such setting. */
async function shortenLatency(path: string): Promise<void> {
  const terminal = basename(await realpath(path));
  await writeFile(`/sys/bus/usb-serial/devices/${terminal}/latency_timer`, "1").catch(() => undefined);
}

/** Where the port is in a program that is given it: the first three would be made blocking, and stay so for us. */
const LOCKED = 3;

function run(
  program: string,
  args: readonly string[],
  port?: number,
): Promise<{ readonly code: number | null; readonly err: string }> {
  return new Promise((resolve, reject) => {
    const stdio = ["ignore", "ignore", "pipe", ...(port === undefined ? [] : [port])] as const;
    const child = spawn(program, [...args], { stdio: [...stdio], timeout: MOST_PROGRAM_TIME });
    let err = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (err += text));
    child.once("error", (error) => reject(new Error(`${program}: ${error.message}`)));
    child.once("close", (code) => resolve({ code, err }));
  });
}

interface TtyTransportOptions {
  readonly path: string;
  /** Holds the lock; written to, and emptied before every request. */
  readonly port: number;
  readonly settings: SerialLineSettings;
  readonly clock: Clock;
  readonly identity: DeviceIdentity;
  readonly events: RtuTransportEvents;
}

const DISCARD_LENGTH = 4096;

class TtyTransport implements RtuTransport {
  readonly #options: TtyTransportOptions;
  readonly #stream: ReadStream;
  readonly #endWatch: () => void;
  readonly #discarded = Buffer.allocUnsafeSlow(DISCARD_LENGTH);
  #closed: Promise<void> | undefined;

  constructor(options: TtyTransportOptions) {
    const { path, clock, identity, events } = options;
    this.#options = options;
    // Another descriptor: the stream opens its own anew, and with the old one the lock would go.
    this.#stream = new ReadStream(openSync(path, OPEN_FLAGS));
    this.#endWatch = watchDevice(path, clock, identity, () => this.#lose(`${path} is gone`));
    this.#stream.on("data", (chunk: Buffer) => {
      if (!this.#closed) events.received(chunk);
    });
    this.#stream.on("error", (error) => this.#lose(error.message));
    this.#stream.on("end", () => this.#lose("hung up"));
    this.#stream.on("close", () => this.#lose("closed"));
  }

  write(frame: Buffer): Promise<Instant> {
    const { port, clock, settings } = this.#options;
    // The descriptor may be somebody else's by now.
    if (this.#closed) return Promise.reject(new Error("closed"));
    const begun = clock.now();
    try {
      const written = writeSync(port, frame);
      if (written < frame.length) throw new Error(`the port took ${written} of ${frame.length} bytes`);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    return Promise.resolve(plus(begun, ms(frame.length * characterTime(settings.format))));
  }

  discardInput(): void {
    if (this.#closed) return;
    try {
      while (readSync(this.#options.port, this.#discarded) > 0);
    } catch {
      // Nothing to read is an error here; one that matters comes up at the stream as well.
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  #end(): Promise<void> {
    this.#endWatch();
    return new Promise((resolve) => {
      this.#stream.once("close", resolve);
      this.#stream.destroy();
      closeSync(this.#options.port);
    });
  }

  #lose(reason: string): void {
    if (this.#closed) return;
    this.#closed = this.#end();
    this.#options.events.lost(reason);
  }
}
