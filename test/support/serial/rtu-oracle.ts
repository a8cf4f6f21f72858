/** What an answer is, written down a second time from the specification, without any code of the master. */

/** The check sum, bit by bit (Modbus over Serial Line V1.02, 6.2.2). */
export function bitwiseCrc(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

/** `body` (unit and PDU) with its check sum. */
export function rtu(body: Iterable<number>): Buffer {
  const bytes = Buffer.from([...body]);
  const crc = bitwiseCrc(bytes);
  return Buffer.concat([bytes, Buffer.from([crc & 0xff, crc >> 8])]);
}

export function isIntact(frame: Buffer): boolean {
  return frame.length >= 4 && bitwiseCrc(frame.subarray(0, -2)) === frame.readUInt16LE(frame.length - 2);
}

/** Whether `frame` is a valid answer, or exception, to exactly the request in the frame `request`. */
export function answers(request: Buffer, frame: Buffer): boolean {
  if (frame.length < 5 || frame.length > 256 || frame[0] !== request[0]) return false;
  const code = request.readUInt8(1);
  const mayBe =
    frame[1] === code + 128 ? frame.length === 5 && frame[2] !== 0 : frame[1] === code && says(request, frame);
  return mayBe && isIntact(frame);
}

function says(request: Buffer, frame: Buffer): boolean {
  const data = frame.length - 5;
  const count = frame.readUInt8(2);
  switch (request.readUInt8(1)) {
    case 1:
    case 2:
      return count === data && count === Math.ceil(request.readUInt16BE(4) / 8);
    case 3:
    case 4:
    case 23:
      return count === data && count === request.readUInt16BE(4) * 2;
    case 5:
    case 6:
    case 15:
    case 16:
      return frame.length === 8 && frame.subarray(0, 6).equals(request.subarray(0, 6));
    case 22:
      return frame.equals(request);
    case 17:
      return count === data && count >= 2;
    case 43:
      return identifies(request, frame.subarray(2, -2));
    default:
      return false;
  }
}

/** `part` begins with the MEI type. */
function identifies(request: Buffer, part: Buffer): boolean {
  const [mei, category, , more, next, count] = part;
  if (part.length < 6 || mei !== 14 || category !== request[3] || (more !== 0 && more !== 255)) return false;
  const objects: number[] = [];
  let rest = part.subarray(6);
  while (rest.length >= 2) {
    const length = rest.readUInt8(1);
    if (rest.length < 2 + length) return false;
    objects.push(rest.readUInt8(0));
    rest = rest.subarray(2 + length);
  }
  if (rest.length > 0 || objects.length > (count ?? 0)) return false;
  if (category === 4) return objects.length === 1 && objects[0] === request[4] && more === 0;
  return more === 0 || (objects.length > 0 && (next ?? 0) > (objects.at(-1) ?? 255));
}

/** Where the first valid answer in `stream` ends, and where it begins; undefined when there is none. */
export function firstAnswer(
  request: Buffer,
  stream: Buffer,
): { readonly from: number; readonly to: number } | undefined {
  for (let to = 5; to <= stream.length; to++) {
    for (let from = Math.max(0, to - 256); from <= to - 5; from++) {
      if (stream[from] === request[0] && answers(request, stream.subarray(from, to))) return { from, to };
    }
  }
  return undefined;
}
