/**
 * Child of command.ts: a Modbus/TCP slave that answers each request 2 ms after it, one at a time. Prints its port and serves
 * until SIGTERM; then it prints each value that was written and when it came, in milliseconds of the machine's monotonic clock.
 */
import { createServer, type AddressInfo } from "node:net";
import { systemClock } from "../src/kit/system-clock.ts";

const HEADER = 6;
const WRITE_SINGLE = 6;
const SERVICE = 2;
const registers = new Uint16Array(65_536);
const writes: number[] = [];

const server = createServer({ noDelay: true }, (socket) => {
  let rest = Buffer.alloc(0);
  let free = Promise.resolve();
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER && rest.length >= HEADER + rest.readUInt16BE(4)) {
      const length = HEADER + rest.readUInt16BE(4);
      const response = answer(rest.subarray(0, length));
      free = free.then(() => pass(SERVICE)).then(() => void socket.write(response));
      rest = rest.subarray(length);
    }
  });
});

function answer(request: Buffer): Buffer {
  const address = request.readUInt16BE(8);
  const word = request.readUInt16BE(10);
  if (request[7] === WRITE_SINGLE) {
    writes.push(word, systemClock.now());
    registers[address] = word;
    return request;
  }
  const response = Buffer.alloc(9 + word * 2);
  request.copy(response, 0, 0, 8);
  response.writeUInt16BE(3 + word * 2, 4);
  response.writeUInt8(word * 2, 8);
  for (let index = 0; index < word; index++) response.writeUInt16BE(registers[address + index] ?? 0, 9 + index * 2);
  return response;
}

function pass(span: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, span));
}

server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
process.once("SIGTERM", () =>
  process.stdout.write(`${writes.map((each) => each.toFixed(3)).join(" ")}\n`, () => process.exit()),
);
