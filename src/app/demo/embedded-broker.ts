import { createServer } from "node:net";
import { once } from "node:events";
import { Aedes } from "aedes";

export interface EmbeddedBroker {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * A broker inside the process, for the demo only: it speaks MQTT 3.1.1 on loopback and keeps nothing. Takes `port`, or
 * any free one where that is taken.
 */
export async function embeddedBroker(port: number): Promise<EmbeddedBroker> {
  const broker = await Aedes.createBroker();
  const server = createServer((socket) => {
    broker.handle(socket);
  });
  const listening = await listen(server, port).catch(() => listen(server, 0));
  return {
    port: listening,
    async close() {
      const closed = once(server, "close");
      server.close();
      await new Promise<void>((resolve) => broker.close(resolve));
      await closed;
    },
  };
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address ? address.port : port;
}
