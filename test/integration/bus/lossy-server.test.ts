import assert from "node:assert/strict";
import { type Random, seededRandom } from "../../../src/kit/random.ts";
import { ms } from "../../../src/kit/time.ts";
import { type Act, bitOf, frame, registerOf, right, type Script } from "../../support/tcp/hostile-server.ts";
import { share } from "../../support/mocha/soak.ts";
import { pass, readRegisters, type TcpLineRig, withRig } from "../../support/tcp/tcp-line-rig.ts";

const REQUESTS = 400;

/** A server that loses, delays past the timeout, reorders, doubles, cuts up, mixes up and now and then drops the connection. */
function lossy(random: Random): Script {
  return (request) => {
    const answer = right(request);
    const later: Act = { wait: Math.floor(random() * 12) };
    const chance = random() * 100;
    if (chance < 6) return [];
    if (chance < 14) return [{ wait: 40 + random() * 40 }, { send: answer }];
    if (chance < 20) return [{ send: answer }, later, { send: answer }];
    if (chance < 26) return [{ send: answer.subarray(0, 5) }, { send: answer.subarray(5) }];
    if (chance < 29) return [{ send: frame(request.id, request.unit ^ 3, request.pdu) }, later, { send: answer }];
    if (chance < 32) return [{ send: frame(request.id, request.unit, Buffer.of((request.pdu[0] ?? 0) | 0x80, 4)) }];
    if (chance < 35) return [{ send: shortened(answer) }];
    if (chance < 36) return [{ then: "reset" }];
    if (chance < 37) return [{ send: frame(request.id, request.unit, request.pdu, { protocol: 9 }) }];
    return [later, { send: answer }];
  };
}

/** One data byte less, and a header that agrees. */
function shortened(answer: Buffer): Buffer {
  const less = Buffer.from(answer.subarray(0, -1));
  less.writeUInt16BE(less.length - 6, 4);
  return less;
}

/** Asks for something random, and throws when what comes is not what the unit holds. */
async function askAndProve(rig: TcpLineRig, random: Random): Promise<string> {
  const unit = 1 + Math.floor(random() * 3);
  const address = Math.floor(random() * 60_000);
  const options = { unit, responseTimeout: ms(30) };
  const quantity = 1 + Math.floor(random() * 40);
  if (random() < 0.3) {
    const { answer, failure } = await rig.ask({ fc: 1, address, quantity }, options);
    if (answer?.kind !== "bits") return failure?.kind ?? assert.fail("no bits");
    assert.deepEqual(
      answer.bits,
      Array.from({ length: quantity }, (_, at) => bitOf(unit, address + at)),
    );
    return "right";
  }
  const follow = random() < 0.2 ? () => readRegisters(address, quantity) : undefined;
  const chained = { ...options, follow: (_: unknown, step: number) => (step === 0 ? follow?.() : undefined) };
  const { answer, failure } = await rig.ask(readRegisters(address, quantity), follow ? chained : options);
  if (answer?.kind !== "registers") return failure?.kind ?? assert.fail("no registers");
  assert.deepEqual(
    answer.registers,
    Array.from({ length: quantity }, (_, at) => registerOf(unit, address + at)),
  );
  return "right";
}

describe("a line to a server that loses, delays, reorders and mixes up", () => {
  for (let seed = 1; seed <= share(3); seed++) {
    it(`never takes a wrong value and settles every request (seed ${seed})`, async () => {
      const random = seededRandom(seed);
      const options = { settings: { window: 8 }, unitWindows: { 1: 4, 2: 4, 3: 1 } };
      await withRig(lossy(seededRandom(seed + 1000)), options, async (rig) => {
        const counts: Record<string, number> = {};
        const work = async (): Promise<void> => {
          for (let count = 0; count < REQUESTS / 10; count++) {
            await rig.becomes("up");
            const what = await askAndProve(rig, random);
            counts[what] = (counts[what] ?? 0) + 1;
            if (random() < 0.1) await pass(random() * 5);
          }
        };
        await Promise.all(Array.from({ length: 10 }, work));
        assert.equal(
          Object.values(counts).reduce((sum, count) => sum + count),
          REQUESTS,
        );
        assert.ok((counts["right"] ?? 0) > REQUESTS / 4, JSON.stringify(counts));
        const { requests, answers, failures } = rig.line.statistics();
        assert.equal(requests, answers + Object.values(failures).reduce((sum, count) => sum + count, 0));
      });
    });
  }
});
