import type { AddressInfo, Server } from "node:net";
import { invariant } from "../../src/kit/invariant.ts";

export interface ListenAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** Where the server listens; rejects when it cannot. */
export function listening(server: Server, { host, port }: ListenAddress): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      const address = server.address();
      invariant(typeof address === "object" && address !== null, "a TCP server listens on an address and port");
      resolve(address);
    });
  });
}
