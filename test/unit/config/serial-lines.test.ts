import assert from "node:assert/strict";
import type { LineSettings, Plant } from "../../../src/config/plant/plant.ts";
import { formatIssue } from "../../../src/config/source/config-issue.ts";
import { readFixture } from "../../support/repository/fixture-plants.ts";

const METER = "good/meter";

function plantOf(lines: string, device = "line: wire, unit: 1"): Plant {
  const text = `plant: serial\nlines:\n  ${lines}\ndevices:\n  meter: { profile: ${METER}, ${device} }\n`;
  const plant = readFixture("broken-plants", text);
  assert.ok(plant.ok, plant.ok ? "" : plant.failure.map(formatIssue).join("\n"));
  return plant.value;
}

function lineOf(line: string): LineSettings | undefined {
  return plantOf(line).lines.get("wire");
}

const TIMES = { name: "wire", delayAfterConnect: 0 };
const WIRE = { localEcho: false, broadcastTurnaround: 100 };
const FORMAT = { baudRate: 19_200, parity: "even", stopBits: 1 };

describe("a serial line of a plant file", () => {
  it("has the specification's format and the package serialport unless it says otherwise", () => {
    assert.deepEqual(lineOf("wire: { serial: { path: /dev/ttyUSB0 } }"), {
      ...TIMES,
      ...WIRE,
      kind: "serial",
      adapter: { path: "/dev/ttyUSB0" },
      format: FORMAT,
      driver: "serialport",
      lowLatency: true,
      hostLatency: 2,
    });
  });

  it("takes what it says", () => {
    const serial = `{ vendor: "1A86", product: "7523", serialNumber: X1, baudRate: 9600, parity: none, stopBits: 2, driver: tty, lowLatency: false }`;
    const rest = "delayAfterConnect: 2s, localEcho: true, broadcastTurnaround: 150ms";
    assert.deepEqual(lineOf(`wire: { serial: ${serial}, ${rest} }`), {
      name: "wire",
      kind: "serial",
      delayAfterConnect: 2000,
      localEcho: true,
      broadcastTurnaround: 150,
      adapter: { vendor: "1a86", product: "7523", serialNumber: "X1" },
      format: { baudRate: 9600, parity: "none", stopBits: 2 },
      driver: "tty",
      lowLatency: false,
      hostLatency: 18,
    });
  });

  it("takes one stop bit without parity, as most devices do", () => {
    const line = lineOf("wire: { serial: { path: COM3, parity: none } }");
    assert.deepEqual(line?.kind === "serial" && line.format, { ...FORMAT, parity: "none" });
  });

  it("may lie behind a device server", () => {
    const server = "rtuOverTcp: { host: server, port: 4001, baudRate: 38400, packetTime: 5ms }";
    assert.deepEqual(lineOf(`wire: { ${server}, roundTrip: 20ms }`), {
      ...TIMES,
      ...WIRE,
      kind: "rtuOverTcp",
      host: "server",
      port: 4001,
      connectTimeout: 3000,
      roundTrip: 20,
      format: { ...FORMAT, baudRate: 38_400 },
      packetTime: 5,
    });
  });

  it("may lie behind a gateway, which has a window of 1 and a timeout of its own", () => {
    const line = lineOf("wire: { tcp: { host: gate }, gateway: { baudRate: 9600, parity: none } }");
    assert.ok(line?.kind === "tcp");
    assert.equal(line.window, 1);
    assert.deepEqual(line.gateway, { baudRate: 9600, parity: "none", stopBits: 1, timeout: 1000 });
  });
});

describe("a device on a serial line", () => {
  it("is never expected to answer before t3.5 is over", () => {
    const { timing } = plantOf("wire: { serial: { path: COM3, baudRate: 1200 } }").devices.get("meter") ?? {};
    assert.equal(timing?.turnaround, (3.5 * 11 * 1000) / 1200);
    assert.equal(timing.responseTimeout, 500);
  });

  it("keeps its own turnaround where that is longer", () => {
    const device = "line: wire, unit: 1, timing: { turnaround: 60ms }";
    assert.equal(plantOf("wire: { serial: { path: COM3 } }", device).devices.get("meter")?.timing.turnaround, 60);
  });

  it("is waited for longer than its gateway waits, and than the wire takes", () => {
    const { timing } = plantOf("wire: { tcp: { host: gate }, gateway: { baudRate: 9600 } }").devices.get("meter") ?? {};
    // 8 + 245 characters of 11 bits and twice t3.5
    assert.equal(timing?.responseTimeout, 1000 + Math.ceil((253 * 11 + 2 * 38.5) / 9.6));
  });
});
