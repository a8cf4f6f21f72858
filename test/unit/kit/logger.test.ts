import assert from "node:assert/strict";
import { type LogRecord, loggerTo } from "../../../src/kit/logger.ts";

describe("logger", () => {
  it("hands on level, event and fields", () => {
    const records: LogRecord[] = [];
    const logger = loggerTo((record) => records.push(record));
    logger.error("line.down", { line: "cell", attempt: 2 });
    logger.debug("idle");
    assert.deepEqual(records, [
      { level: "error", event: "line.down", fields: { line: "cell", attempt: 2 } },
      { level: "debug", event: "idle", fields: {} },
    ]);
  });
});
