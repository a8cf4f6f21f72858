import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rtuLine } from "../../../src/bus/rtu/rtu-line.ts";
import { adapterPath } from "../../../src/bus/rtu/serial-adapters.ts";
import {
  type SerialBinding,
  type SerialBindingPort,
  type SerialOpenOptions,
  serialPortTransport,
} from "../../../src/bus/rtu/serial-port-transport.ts";
import { timerWait } from "../../../src/bus/rtu/wait-until.ts";
import type { SerialAdapter } from "../../../src/config/plant/plant.ts";
import { type LogRecord, loggerTo } from "../../../src/kit/logger.ts";
import { ms } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { SERIAL } from "../../support/serial/rtu-line-rig.ts";
import { describeOutcome } from "../../support/serial/rtu-script.ts";
import { rightFrame } from "../../support/serial/rtu-terminal-slave.ts";

/** serialport's binding with an adapter that is plugged in where, and as long as, the test says. */
class FakeBinding implements SerialBinding {
  /** Where the adapter is; undefined while it is unplugged. */
  path: string | undefined = "/dev/ttyUSB0";
  readonly opened: SerialOpenOptions[] = [];
  readonly calls: string[] = [];
  #hangUp: ((error: Error) => void) | undefined;
  #deliver: ((bytes: Buffer) => void) | undefined;

  open(options: SerialOpenOptions): Promise<SerialBindingPort> {
    if (options.path !== this.path)
      return Promise.reject(new Error(`Error: No such file or directory, cannot open ${options.path}`));
    this.opened.push(options);
    const unread: Buffer[] = [];
    let waiting: { buffer: Buffer; resolve: (read: { bytesRead: number }) => void } | undefined;
    const hand = (): void => {
      const bytes = waiting && unread.shift();
      if (!waiting || !bytes) return;
      const { buffer, resolve } = waiting;
      waiting = undefined;
      resolve({ bytesRead: bytes.copy(buffer) });
    };
    this.#deliver = (bytes) => {
      unread.push(bytes);
      hand();
    };
    const call = (name: string): Promise<void> => {
      this.calls.push(name);
      return Promise.resolve();
    };
    return Promise.resolve({
      read: (buffer) =>
        new Promise((resolve, reject) => {
          waiting = { buffer, resolve };
          this.#hangUp = reject;
          hand();
        }),
      write: (frame) => {
        this.#deliver?.(rightFrame(frame));
        return call("write");
      },
      drain: () => call("drain"),
      flush: () => call("flush"),
      set: ({ dtr, rts, lowLatency }) => call(`set ${dtr} ${rts} ${lowLatency}`),
      close: () => call("close"),
    });
  }

  /** Pulled out: what is being read fails, or nothing at all is heard of it. */
  unplug(how: "EIO" | "silently"): void {
    this.path = undefined;
    if (how === "EIO") this.#hangUp?.(new Error("EIO: i/o error, read"));
  }
}

function rig(adapter: SerialAdapter = { path: "/dev/ttyUSB0" }) {
  const clock = new VirtualClock();
  const binding = new FakeBinding();
  const log: LogRecord[] = [];
  const settings = { ...SERIAL, adapter, lowLatency: true };
  const openTransport = serialPortTransport(settings, clock, {
    binding,
    identity: (path) => Promise.resolve(path === binding.path ? path : undefined),
    pathOf: (wanted) =>
      "path" in wanted
        ? Promise.resolve(wanted.path)
        : binding.path === undefined
          ? Promise.reject(new Error("no adapter 0403:6001"))
          : Promise.resolve(binding.path),
  });
  const line = rtuLine({
    settings,
    openTransport,
    clock,
    wait: timerWait(clock),
    random: () => 0,
    logger: loggerTo((record) => log.push(record)),
  });
  const ask = async (): Promise<string> => {
    const answer = line.send({
      unit: 1,
      request: { fc: 3, address: 0, quantity: 1 },
      responseTimeout: ms(50),
      lane: "read",
    });
    await clock.advance(ms(100));
    const result = await answer;
    return describeOutcome(result.ok ? result.value.answer : result.failure.failure).split(" ")[0] ?? "";
  };
  return { clock, binding, log, line, ask };
}

describe("a serial port by serialport's binding", () => {
  it("is locked, and flushed before every frame, drained after it", async () => {
    const { binding, line, clock, ask } = rig();
    line.open();
    await clock.advance(ms(10));
    assert.equal(await ask(), "registers");
    assert.deepEqual(binding.calls, ["set true true true", "flush", "write", "drain"]);
    assert.deepEqual(binding.opened, [
      { path: "/dev/ttyUSB0", baudRate: 19_200, dataBits: 8, parity: "even", stopBits: 1, lock: true },
    ]);
    await line.close();
    assert.equal(binding.calls.at(-1), "close");
    assert.deepEqual(clock.pending, []);
  });

  for (const how of ["EIO", "silently"] as const) {
    it(`closes an adapter that was unplugged (${how}), and opens it when it is back`, async () => {
      const { binding, line, clock, log, ask } = rig();
      line.open();
      await clock.advance(ms(10));
      binding.unplug(how);
      await clock.advance(ms(1100));
      assert.equal(line.state.state, "down");
      assert.equal(await ask(), "not");
      binding.path = "/dev/ttyUSB0";
      await clock.advance(ms(30_000));
      assert.equal(await ask(), "registers");
      assert.deepEqual(
        log.map(({ event }) => event),
        ["line.up", "line.down", "line.up"],
      );
      await line.close();
      assert.deepEqual(clock.pending, []);
    });
  }

  it("says in the system's words why it cannot be opened", async () => {
    const { binding, line, clock } = rig();
    const { path } = binding;
    binding.path = "/dev/ttyUSB7";
    line.open();
    await clock.advance(ms(10));
    const { state } = line;
    assert.ok(state.state === "down");
    assert.equal(state.reason, `No such file or directory, cannot open ${path}`);
    await line.close();
  });

  it("finds an adapter again that came back under another number", async () => {
    const { binding, line, clock, ask } = rig({ vendor: "0403", product: "6001", serialNumber: undefined });
    line.open();
    await clock.advance(ms(10));
    binding.unplug("EIO");
    await clock.advance(ms(500));
    binding.path = "/dev/ttyUSB1";
    await clock.advance(ms(5000));
    assert.equal(await ask(), "registers");
    assert.equal(binding.opened.at(-1)?.path, "/dev/ttyUSB1");
    await line.close();
  });
});

describe("USB adapters without udev", () => {
  let root: string;
  const terminals = (): string => join(root, "tty");

  async function plug(terminal: string, usb: Readonly<Record<string, string>> | undefined): Promise<void> {
    const device = join(root, "devices", terminal, "interface", "port");
    await mkdir(device, { recursive: true });
    await mkdir(join(terminals(), terminal), { recursive: true });
    await symlink(device, join(terminals(), terminal, "device"));
    for (const [name, text] of Object.entries(usb ?? {}))
      await writeFile(join(root, "devices", terminal, name), `${text}\n`);
  }

  before(async () => {
    root = await mkdtemp(join(tmpdir(), "takt-sysfs-"));
    await plug("ttyS0", undefined);
    await plug("ttyUSB0", { idVendor: "0403", idProduct: "6001", serial: "A1" });
    await plug("ttyUSB1", { idVendor: "0403", idProduct: "6001", serial: "B2" });
    await plug("ttyACM0", { idVendor: "1a86", idProduct: "55d3" });
  });
  after(() => rm(root, { recursive: true }));

  it("are found by vendor, product and serial number", async () => {
    const find = (vendor: string, product: string, serialNumber?: string): Promise<string> =>
      adapterPath({ vendor, product, serialNumber }, terminals());
    assert.equal(await find("0403", "6001", "B2"), "/dev/ttyUSB1");
    assert.equal(await find("1A86", "55D3"), "/dev/ttyACM0");
    await assert.rejects(
      find("0403", "6001"),
      /several adapters 0403:6001: ttyUSB0 0403:6001:A1, ttyUSB1 0403:6001:B2/,
    );
    await assert.rejects(find("0403", "6001", "C3"), /no adapter 0403:6001:C3 \(there: ttyACM0 1a86:55d3, /);
    await assert.rejects(
      adapterPath({ vendor: "1", product: "2", serialNumber: undefined }, join(root, "none")),
      /no USB/,
    );
  });
});
