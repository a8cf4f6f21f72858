import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { resetSocket } from "../../src/kit/reset-socket.ts";

/** One connection; the peer does as it is told when it stands. */
async function connected(peer: (socket: Socket) => void): Promise<{ socket: Socket; end: () => Promise<void> }> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    peer(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await once(socket, "connect");
  return {
    socket,
    async end() {
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}

describe("the reset of a socket", () => {
  it("resets a connection", async () => {
    const { promise, resolve } = withResolvers<NodeJS.ErrnoException>();
    const { socket, end } = await connected((peer) => peer.once("error", resolve));
    resetSocket(socket);
    assert.equal((await promise).code, "ECONNRESET");
    await end();
  });

  it("closes one whose peer has just closed, without an error and without leaving its handle behind", async () => {
    for (let turn = 0; turn < 50; turn++) {
      const { socket, end } = await connected((peer) => peer.end());
      const errors: unknown[] = [];
      socket.on("error", (error) => errors.push(error)).resume();
      const closed = once(socket, "close");
      // Two ticks after the peer's end node has begun to end our side, and the kernel has not heard of it.
      socket.once("end", () => process.nextTick(() => process.nextTick(() => resetSocket(socket))));
      await closed;
      assert.deepEqual(errors, []);
      await end();
    }
  });
});

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
