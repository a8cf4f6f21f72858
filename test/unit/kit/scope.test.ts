import assert from "node:assert/strict";
import { Scope } from "../../../src/kit/scope.ts";

describe("scope", () => {
  it("closes in reverse order, each after the one before has ended", async () => {
    const { scope, log } = watched();
    scope.onClose(() => void log.push("first opened"));
    scope.onClose(async () => {
      await Promise.resolve();
      log.push("last opened");
    });
    await scope.close();
    assert.deepEqual(log, ["last opened", "first opened"]);
  });

  it("closes once, however often it is asked", async () => {
    const { scope, log } = watched();
    scope.onClose(() => void log.push("closed"));
    await Promise.all([scope.close(), scope.close()]);
    await scope.close();
    assert.deepEqual(log, ["closed"]);
    assert.equal(scope.closed, true);
  });

  it("reports a closer that fails and goes on with the others", async () => {
    const { scope, log } = watched();
    scope.onClose(() => void log.push("closed"));
    scope.onClose(() => Promise.reject(new Error("stuck")));
    scope.onClose(() => {
      throw new Error("thrown");
    });
    await scope.close();
    assert.deepEqual(log, ["error thrown", "error stuck", "closed"]);
  });

  it("hears the failure of a promise it owns", async () => {
    const { scope, log } = watched();
    scope.own(Promise.reject(new Error("lost")));
    await scope.close();
    assert.deepEqual(log, ["error lost"]);
  });

  it("ends only after what it owns has ended, though that began while it was closing", async () => {
    const { scope, log } = watched();
    const gates = [gate(), gate()] as const;
    scope.own(gates[0].opened.then(() => scope.own(gates[1].opened.then(() => log.push("late work")))));
    const closed = scope.close().then(() => log.push("closed"));
    gates[0].open();
    setImmediate(() => gates[1].open());
    await closed;
    assert.deepEqual(log, ["late work", "closed"]);
  });

  it("runs a closer that comes while it is closing", async () => {
    const { scope, log } = watched();
    scope.own(Promise.resolve().then(() => scope.onClose(() => void log.push("closed late"))));
    await scope.close();
    assert.deepEqual(log, ["closed late"]);
  });

  it("runs a closer at once that comes after the end", async () => {
    const { scope, log } = watched();
    await scope.close();
    scope.onClose(() => void log.push("closed at once"));
    assert.deepEqual(log, ["closed at once"]);
  });
});

function watched(): { scope: Scope; log: string[] } {
  const log: string[] = [];
  const scope = new Scope((error) => log.push(`error ${error instanceof Error ? error.message : String(error)}`));
  return { scope, log };
}

function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}
