import assert from "node:assert/strict";
import { parseUnit } from "../../../../src/app/access/parse-number.ts";
import { formatTarget, parseTarget } from "../../../../src/app/access/target.ts";

const TARGETS: readonly (readonly [string, string])[] = [
  ["tcp://192.168.0.10", "tcp://192.168.0.10:502"],
  ["tcp://plc.local:1502", "tcp://plc.local:1502"],
  ["TCP://plc:1502/", "tcp://plc:1502"],
  ["tcp://[::1]:1502", "tcp://[::1]:1502"],
  ["tcp://[fe80::1%eth0]", "tcp://[fe80::1%eth0]:502"],
  ["rtu:///dev/ttyUSB0", "rtu:///dev/ttyUSB0?baud=19200&parity=even"],
  ["rtu://COM3?parity=N&baud=9600", "rtu://COM3?baud=9600&parity=none"],
  ["rtu:///dev/ttyS0?stop=2&echo=yes&driver=tty", "rtu:///dev/ttyS0?baud=19200&parity=even&stop=2&echo=yes&driver=tty"],
  ["rtu:///dev/ttyS0?stop=1&echo=no&driver=serialport", "rtu:///dev/ttyS0?baud=19200&parity=even"],
  ["RTU+TCP://server:4001?baud=38400", "rtu+tcp://server:4001?baud=38400&parity=even"],
  ["rtu+tcp://[::1]:4001", "rtu+tcp://[::1]:4001?baud=19200&parity=even"],
];

describe("a target", () => {
  for (const [written, meant] of TARGETS) {
    it(`${written} is ${meant}`, () => {
      const target = parseTarget(written);
      assert.ok(target.ok);
      assert.equal(formatTarget(target.value), meant);
    });
  }
  for (const wrong of [
    "",
    "host",
    "http://host",
    "tcp://",
    "tcp://a b",
    "tcp://host:0",
    "tcp://host:70000",
    "tcp://::1",
    "tcp://host/path",
    "tcp://host?baud=9600",
    "rtu://",
    "rtu:///",
    "rtu:///dev/ttyUSB0?baud=9601",
    "rtu:///dev/ttyUSB0?baud=fast",
    "rtu:///dev/ttyUSB0?parity=mark",
    "rtu:///dev/ttyUSB0?stop=1.5",
    "rtu:///dev/ttyUSB0?echo=maybe",
    "rtu:///dev/ttyUSB0?driver=bindings",
    "rtu:///dev/ttyUSB0?bits=7",
    "rtu+tcp://server",
    "rtu+tcp://server:0",
  ]) {
    it(`"${wrong}" is refused`, () => assert.equal(parseTarget(wrong).ok, false));
  }

  it("with a mistake in its format is told what would fit", () => {
    const wrong = parseTarget("rtu:///dev/ttyUSB0?baud=19220");
    assert.deepEqual(wrong, { ok: false, failure: "baud=19220 is no baud rate; the nearest is 19200" });
  });
});

describe("a unit of a target", () => {
  const unit = (text: string, target: string): unknown => {
    const at = parseTarget(target);
    assert.ok(at.ok);
    const parsed = parseUnit(text, at.value);
    return parsed.ok ? parsed.value : parsed.failure;
  };

  it("is 0 to 255 on TCP", () => {
    assert.deepEqual([unit("0", "tcp://host"), unit("255", "tcp://host")], [0, 255]);
  });

  it("is 1 to 247 on a wire", () => {
    assert.deepEqual([unit("1", "rtu://COM3"), unit("247", "rtu+tcp://host:1")], [1, 247]);
    for (const wrong of ["0", "248", "255"]) assert.match(String(unit(wrong, "rtu://COM3")), /is outside 1\.\.247/);
  });
});
