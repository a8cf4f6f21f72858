import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { fromHex } from "../../src/kit/bytes.ts";
import type { Clock } from "../../src/kit/clock.ts";
import { systemClock } from "../../src/kit/system-clock.ts";
import { ms, plus } from "../../src/kit/time.ts";
import { VirtualClock } from "../../src/kit/virtual-clock.ts";
import type { BrokerState, Received } from "../../src/mqtt/broker/broker.ts";
import { BrokerConnection } from "../../src/mqtt/broker/broker-connection.ts";
import { eventually } from "../support/processes/eventually.ts";

/** Which protocol level a CONNECT speaks: the byte after the name "MQTT" (MQTT 5.0, 3.1.2.2). */
const levelOf = (connect: Buffer): number | undefined => connect[connect.indexOf("MQTT") + 4];

describe("the connection to a broker that misbehaves", () => {
  let server: Server;
  let connection: BrokerConnection;
  let connect: (clock: Clock, keepalive?: number) => void;
  let states: BrokerState[];
  let onPacket: (socket: Socket, packet: Buffer) => void;

  beforeEach(async () => {
    server = createServer((socket) => {
      socket.on("data", (packet) => onPacket(socket, packet));
      socket.on("error", () => undefined);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const options = {
      url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
      clientId: "test",
      username: undefined,
      password: undefined,
      tls: { ca: undefined, cert: undefined, key: undefined },
      will: () => ({ topic: "will", payload: "gone", qos: 1 as const, retain: true }),
      subscriptions: ["r/+/cmd/set"],
      wantsRetained: false,
      maximumPacket: 1000,
    };
    connect = (clock, keepalive = 30_000) => {
      connection = new BrokerConnection({ ...options, keepalive: ms(keepalive) }, { clock, random: () => 0 });
      connection.changes.on((state) => states.push(state));
    };
    states = [];
    connect(systemClock);
  });

  afterEach(async () => {
    await connection.close(ms(100));
    const closed = once(server, "close");
    server.close();
    await closed;
  });

  it("speaks 3.1.1 once to one that hangs up on version 5, then 5 again", async () => {
    const levels: (number | undefined)[] = [];
    onPacket = (socket, packet) => {
      levels.push(levelOf(packet));
      socket.end();
    };
    connection.open();
    await eventually(() => levels.length >= 3);
    assert.deepEqual(levels.slice(0, 3), [5, 4, 5]);
  });

  it("goes down to 3.1.1 at once when version 5 is refused", async () => {
    const levels: (number | undefined)[] = [];
    onPacket = (socket, packet) => {
      if (packet[0] !== 0x10) return;
      levels.push(levelOf(packet));
      socket.write(fromHex(levelOf(packet) === 5 ? "20 02 00 01" : "20 02 00 05"));
    };
    connection.open();
    await eventually(() => states.length > 0);
    assert.deepEqual(levels, [5, 4]);
    assert.match(JSON.stringify(states[0]), /"state":"down","reason":"[^"]*[Nn]ot authorized/);
  });

  it("is up only when its subscription is acknowledged, with the window the broker asks for", async () => {
    onPacket = (socket, packet) => {
      if (packet[0] === 0x10) socket.write(fromHex("20 06 00 00 03 21 00 07"));
      if (packet[0] === 0x82) socket.write(Buffer.from([0x90, 4, packet[2] ?? 0, packet[3] ?? 0, 0, 1]));
    };
    connection.open();
    await eventually(() => states.length > 0);
    assert.deepEqual(states, [{ state: "up", version: 5, window: 7, maximumPacket: Infinity }]);
  });

  it("tells what the broker takes, and neither retains nor asks for acknowledgements where it has none", async () => {
    const publishes: Buffer[] = [];
    onPacket = (socket, packet) => {
      if (packet[0] === 0x10) socket.write(fromHex("20 0C 00 00 09 27 00 00 03 E8 24 00 25 00"));
      if (packet[0] === 0x82) socket.write(Buffer.from([0x90, 4, packet[2] ?? 0, packet[3] ?? 0, 0, 1]));
      if ((packet[0] ?? 0) >> 4 === 3) publishes.push(packet);
    };
    connection.open();
    await eventually(() => states.length > 0);
    assert.deepEqual(states, [{ state: "up", version: 5, window: 64, maximumPacket: 1000 }]);
    connection.publish({ topic: "t", payload: "x", qos: 1, retain: true }, () => undefined);
    await eventually(() => publishes.length > 0);
    assert.equal(publishes[0]?.[0], 0x30);
  });

  it("asks for no more of its will than the broker takes, once it has said so", async () => {
    const flags: number[] = [];
    onPacket = (socket, packet) => {
      if (packet[0] !== 0x10) return;
      const asked = (packet[packet.indexOf("MQTT") + 5] ?? 0) & 0x38;
      flags.push(asked);
      const code = (asked & 0x20) !== 0 ? "9A" : "9B";
      socket.write(asked === 0 ? fromHex("20 03 00 00 00") : fromHex(`20 03 00 ${code} 00`));
    };
    connection.open();
    await eventually(() => flags.length >= 3);
    assert.deepEqual(flags, [0x28, 0x08, 0x00]);
  });

  for (const [code, reason] of [
    ["8E", /another client uses the id "test".*mqtt\.clientId/],
    ["8B", /the broker shuts down \(reason 0x8B\)/],
    ["A2", /the broker ended the connection \(reason 0xA2\)/],
  ] as const) {
    it(`says why the broker ended the connection: 0x${code}`, async () => {
      const sockets: Socket[] = [];
      onPacket = (socket, packet) => {
        sockets.push(socket);
        if (packet[0] === 0x10) socket.write(fromHex("20 03 00 00 00"));
        if (packet[0] === 0x82) socket.write(Buffer.from([0x90, 4, packet[2] ?? 0, packet[3] ?? 0, 0, 1]));
      };
      connection.open();
      await eventually(() => states.length > 0);
      sockets[0]?.end(fromHex(`E0 02 ${code} 00`));
      await eventually(() => states.length >= 2);
      assert.match(states[1]?.state === "down" ? states[1].reason : "", reason);
    });
  }

  it("asks whether another client has its id when connections do not last, one after the other", async () => {
    onPacket = (socket, packet) => {
      if (packet[0] === 0x10) socket.write(fromHex("20 03 00 00 00"));
      if (packet[0] !== 0x82) return;
      const [high = 0, low = 0] = packet.subarray(2, 4);
      socket.end(Uint8Array.of(0x90, 4, high, low, 0, 1));
    };
    connection.open();
    const reasons = (): readonly string[] => states.flatMap((state) => (state.state === "down" ? [state.reason] : []));
    await eventually(() => reasons().length >= 3);
    const [first, second, third] = reasons();
    assert.deepEqual([first, second], ["the connection was closed", "the connection was closed"]);
    assert.match(third ?? "", /: does another client use the id "test"\? \(mqtt\.clientId\)$/);
  });

  it("ends a connection on which a packet beyond the limit is announced, before it has come", async () => {
    onPacket = (socket, packet) => {
      if (packet[0] === 0x10) socket.write(fromHex("20 03 00 00 00"));
      if (packet[0] === 0x82) {
        socket.write(Buffer.from([0x90, 4, packet[2] ?? 0, packet[3] ?? 0, 0, 1]));
        setImmediate(() => socket.write(fromHex("30 FF FF FF 7F 00 03 61 2F 62")));
      }
    };
    connection.open();
    await eventually(() => states.length >= 2);
    assert.deepEqual(states[1], { state: "down", reason: "a packet beyond the size limit", attempt: 1 });
  });

  const watches: readonly (readonly [how: string, every: Clock["every"], lying: number])[] = [
    ["its timer says so", (...given) => systemClock.every(...given), 0],
    ["commands are read before any timer", () => ({ cancel: () => undefined }), 2],
  ];
  for (const [how, every, lying] of watches) {
    it(`ends a connection that it slept on, and carries out nothing that lay in its buffer: ${how}`, async () => {
      let slept = 0;
      connect({ ...systemClock, every, now: () => plus(systemClock.now(), ms(slept)) });
      const received: Received[] = [];
      connection.received.on((message) => received.push(message));
      let peer: Socket | undefined;
      onPacket = (socket, packet) => {
        peer = socket;
        if (packet[0] === 0x10) socket.write(fromHex("20 03 00 00 00"));
        if (packet[0] === 0x82) socket.write(Buffer.from([0x90, 4, packet[2] ?? 0, packet[3] ?? 0, 0, 1]));
      };
      const command = fromHex("30 0E 00 09 72 2F 61 2F 63 6D 64 2F 73 00 31 32");
      connection.open();
      await eventually(() => states.length === 1);
      peer?.write(command);
      await eventually(() => received.length === 1);
      slept = 1100;
      peer?.write(Buffer.concat(Array<Uint8Array>(lying).fill(command)));
      await eventually(() => states.length === 2);
      assert.deepEqual(states[1], { state: "down", reason: "this process stood still", attempt: 1 });
      assert.equal(received.length, 1);
    });
  }

  it("says of nothing that it is settled when the broker answers no ping any more, but of what it refused", async () => {
    connect(systemClock, 1000);
    const settled: string[] = [];
    onPacket = (socket, packet) => {
      if (packet[0] === 0x10) socket.write(fromHex("20 03 00 00 00"));
      if (packet[0] === 0x82) socket.write(Buffer.from([0x90, 4, packet[2] ?? 0, packet[3] ?? 0, 0, 1]));
      if (packet[0] === 0x32 && settled.length === 0)
        socket.write(Buffer.from([0x40, 3, packet[5] ?? 0, packet[6] ?? 0, 0x97]));
    };
    connection.open();
    await eventually(() => states.length === 1);
    const publish = (name: string): void =>
      connection.publish({ topic: "t", payload: name, qos: 1, retain: false }, (accepted) => {
        settled.push(`${name} ${accepted ? "accepted" : "refused"}`);
      });
    publish("first");
    await eventually(() => settled.length > 0);
    publish("second");
    await eventually(() => states.length >= 2);
    assert.deepEqual(states[1], { state: "down", reason: "Keepalive timeout", attempt: 1 });
    assert.deepEqual(settled, ["first refused"]);
  });

  it("ends a connection on which nothing is acknowledged any more, and no other", async () => {
    const clock = new VirtualClock();
    connect(clock);
    let acknowledge = true;
    onPacket = (socket, packet) => {
      if (packet[0] === 0x10) socket.write(fromHex("20 03 00 00 00"));
      if (packet[0] === 0x82) socket.write(Buffer.from([0x90, 4, packet[2] ?? 0, packet[3] ?? 0, 0, 1]));
      if (packet[0] === 0x32 && acknowledge) socket.write(Buffer.from([0x40, 2, packet[5] ?? 0, packet[6] ?? 0]));
    };
    connection.open();
    await eventually(() => states.length === 1);
    const publish = (settled: (accepted: boolean) => void): void =>
      connection.publish({ topic: "t", payload: "x", qos: 1, retain: false }, settled);
    let accepted = false;
    publish((taken) => (accepted = taken));
    await eventually(() => accepted);
    await clock.advance(ms(60_000));
    assert.equal(states.length, 1);
    acknowledge = false;
    publish(() => undefined);
    await clock.advance(ms(14_000));
    assert.equal(states.length, 1);
    await clock.advance(ms(1000));
    assert.deepEqual(states[1], { state: "down", reason: "the broker acknowledges nothing", attempt: 1 });
  });
});
