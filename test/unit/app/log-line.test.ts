import assert from "node:assert/strict";
import { logLine } from "../../../src/app/logging/log-line.ts";
import type { LogRecord } from "../../../src/kit/logger.ts";
import { wallTime } from "../../../src/kit/time.ts";

const at = wallTime(Date.UTC(2026, 10, 21, 7, 44, 10, 123));

const CASES: readonly [title: string, record: LogRecord, json: string, pretty: string][] = [
  [
    "an event with fields",
    { level: "info", event: "line.up", fields: { line: "cell", port: 502, secure: false } },
    '{"time":"2026-11-21T07:44:10.123Z","level":"info","event":"line.up","line":"cell","port":502,"secure":false}',
    "07:44:10.123 info  line.up  line=cell  port=502  secure=false",
  ],
  [
    "a text with blanks, quotes and line ends stays one field of one line",
    { level: "warn", event: "mqtt.down", fields: { reason: 'a "b"\nc' } },
    '{"time":"2026-11-21T07:44:10.123Z","level":"warn","event":"mqtt.down","reason":"a \\"b\\"\\nc"}',
    '07:44:10.123 WARN  mqtt.down  reason="a \\"b\\"\\nc"',
  ],
  [
    "fields cannot hide what the line is",
    { level: "error", event: "e", fields: { level: "info", event: "x", gone: undefined, none: null } },
    '{"time":"2026-11-21T07:44:10.123Z","level":"error","event":"e","none":null}',
    "07:44:10.123 ERROR e  level=info  event=x  none=null",
  ],
];

describe("a log line", () => {
  for (const [title, record, json, pretty] of CASES) {
    it(title, () => {
      assert.equal(logLine(record, at, "json"), json);
      assert.equal(logLine(record, at, "pretty"), pretty);
    });
  }
});
