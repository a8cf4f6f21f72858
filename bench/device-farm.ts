/** Child of hundred-devices.ts: `device-farm.ts <devices>`; that many Modbus/TCP servers, whose ports it prints. */
import { createServer, type AddressInfo, type Socket } from "node:net";

function serve(socket: Socket): void {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  // A request is one small segment on the loopback, or several of them merged.
  socket.on("data", (requests: Buffer) => {
    for (let at = 0; at < requests.length; at += 12) socket.write(answer(requests.subarray(at, at + 12)));
  });
}

function answer(request: Buffer): Buffer {
  const quantity = request.readUInt16BE(10);
  const bytes = Buffer.alloc(9 + 2 * quantity);
  request.copy(bytes, 0, 0, 8);
  bytes.writeUInt16BE(3 + 2 * quantity, 4);
  bytes[8] = 2 * quantity;
  for (let at = 0; at < quantity; at++) bytes.writeUInt16BE(at, 9 + 2 * at);
  return bytes;
}

async function listen(): Promise<number> {
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const ports = await Promise.all(Array.from({ length: Number(process.argv[2]) }, listen));
process.stdout.write(`${ports.join(" ")}\n`);
