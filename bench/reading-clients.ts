import ModbusRTU from "modbus-serial";
import { tcpLine } from "../src/bus/tcp/tcp-line.ts";
import { silentLogger } from "../src/kit/logger.ts";
import { systemRandom } from "../src/kit/random.ts";
import { systemClock } from "../src/kit/system-clock.ts";
import { ms } from "../src/kit/time.ts";
import { BareSocket } from "./bare-socket.ts";

/** Reads holding registers from address 0 of unit 1; rejects when that fails. */
export interface ReadingClient {
  read(quantity: number): Promise<readonly number[]>;
  close(): void | Promise<void>;
}

export type ClientName = "takt" | "bare" | "library";

/** A client of the named make, connected to 127.0.0.1:`port`, with up to `window` requests in flight. */
export function readingClient(name: ClientName, port: number, window: number): Promise<ReadingClient> {
  switch (name) {
    case "takt":
      return taktLine(port, window);
    case "bare":
      return bareSocket(port);
    case "library":
      return libraryPort(port);
  }
}

async function taktLine(port: number, window: number): Promise<ReadingClient> {
  const line = tcpLine({
    settings: {
      name: "bench",
      kind: "tcp",
      host: "127.0.0.1",
      port,
      window,
      gateway: undefined,
      connectTimeout: ms(5000),
      roundTrip: ms(4),
      delayAfterConnect: ms(0),
    },
    unitWindows: new Map([[1, window]]),
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
  });
  const up = new Promise((resolve) => line.changes.on(resolve));
  line.open();
  await up;
  return {
    read: async (quantity) => {
      const result = await line.send({
        unit: 1,
        request: { fc: 3, address: 0, quantity },
        responseTimeout: ms(1000),
        lane: "read",
      });
      if (!result.ok || result.value.answer.kind !== "registers") throw new Error(JSON.stringify(result));
      return result.value.answer.registers;
    },
    close: () => line.close(),
  };
}

async function bareSocket(port: number): Promise<ReadingClient> {
  const socket = await BareSocket.open(port);
  return { read: (quantity) => socket.read(1, 0, quantity), close: () => socket.close() };
}

/** modbus-serial on its own TcpPort, as its README uses it. */
async function libraryPort(port: number): Promise<ReadingClient> {
  const client = new ModbusRTU.default();
  await client.connectTCP("127.0.0.1", { port });
  client.setID(1);
  client.setTimeout(1000);
  return {
    read: async (quantity) => (await client.readHoldingRegisters(0, quantity)).data,
    close: () => client.destroy(() => undefined),
  };
}
