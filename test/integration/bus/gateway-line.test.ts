import assert from "node:assert/strict";
import { ms } from "../../../src/kit/time.ts";
import { wireTime } from "../../../src/modbus/wire-time.ts";
import { honest } from "../../support/tcp/hostile-server.ts";
import { eventually, readRegisters, withRig } from "../../support/tcp/tcp-line-rig.ts";

const GATEWAY = { baudRate: 9600, parity: "even", stopBits: 1, timeout: ms(150) } as const;

describe("a TCP line in front of a gateway to a serial wire", () => {
  it("waits longer than the gateway does, whatever the transaction says", () =>
    withRig(
      () => [],
      { settings: { gateway: GATEWAY } },
      async (rig) => {
        const { failure } = await rig.ask(readRegisters(0, 10), { responseTimeout: ms(20) });
        const least = GATEWAY.timeout + wireTime({ fc: 3, address: 0, quantity: 10 }, GATEWAY);
        assert.ok(failure?.kind === "timeout" && failure.after > least, JSON.stringify(failure));
      },
    ));

  it("sends one request at a time, whatever the window", () =>
    withRig(
      () => [],
      { settings: { gateway: GATEWAY, window: 8 } },
      async (rig) => {
        const first = rig.ask(readRegisters(0), { unit: 1 });
        const second = rig.ask(readRegisters(0), { unit: 2 });
        await eventually(rig.server.requested, () => true, "the first request");
        rig.server.script = honest;
        assert.equal((await first).failure?.kind, "timeout");
        assert.equal((await second).failure, undefined);
        assert.deepEqual(
          rig.server.requests.map(({ unit }) => unit),
          [1, 2],
        );
      },
    ));
});
