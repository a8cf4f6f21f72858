/**
 * A Modbus/TCP slave whose registers are another value at every read. Prints its port and serves until SIGTERM; then it
 * prints when each write came, in milliseconds of the machine's monotonic clock, and ends.
 */
import { createServer, type AddressInfo } from "node:net";
import { systemClock } from "../src/kit/system-clock.ts";

const HEADER = 6;
const WRITE_SINGLE = 6;
const writes: number[] = [];
let count = 0;

const server = createServer({ noDelay: true }, (socket) => {
  let rest = Buffer.alloc(0);
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER && rest.length >= HEADER + rest.readUInt16BE(4)) {
      const length = HEADER + rest.readUInt16BE(4);
      socket.write(answer(rest.subarray(0, length)));
      rest = rest.subarray(length);
    }
  });
});

function answer(request: Buffer): Buffer {
  if (request[7] === WRITE_SINGLE) {
    writes.push(systemClock.now());
    return request;
  }
  const quantity = request.readUInt16BE(10);
  const response = Buffer.alloc(9 + quantity * 2);
  request.copy(response, 0, 0, 8);
  response.writeUInt16BE(3 + quantity * 2, 4);
  response.writeUInt8(quantity * 2, 8);
  count = (count + 1) % 50_000;
  for (let index = 0; index < quantity; index++) response.writeUInt16BE(count + index, 9 + index * 2);
  return response;
}

server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
process.once("SIGTERM", () =>
  process.stdout.write(`${writes.map((at) => at.toFixed(3)).join(" ")}\n`, () => process.exit()),
);
