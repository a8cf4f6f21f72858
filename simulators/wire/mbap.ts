/** Transaction id, protocol id, length, unit (Modbus Messaging on TCP/IP V1.0b, 3.1.3). */
const HEADER_LENGTH = 7;

/** A length field counts the unit and 1..253 bytes of PDU. */
const LENGTHS = { least: 2, most: 254 } as const;

export interface TcpRequest {
  readonly transaction: number;
  readonly unit: number;
  readonly pdu: Buffer;
}

export type MbapStream =
  | { readonly state: "open"; readonly rest: Buffer }
  /** The bytes cannot be a Modbus TCP stream, or no more: the connection has to be closed. */
  | { readonly state: "broken"; readonly reason: string };

export const emptyStream: MbapStream = { state: "open", rest: Buffer.alloc(0) };

/** Cuts what arrived so far into requests. What is left over is shorter than one frame: at most 259 bytes. */
export function splitRequests(
  stream: MbapStream,
  chunk: Buffer,
): { readonly stream: MbapStream; readonly requests: readonly TcpRequest[] } {
  if (stream.state === "broken") return { stream, requests: [] };
  const requests: TcpRequest[] = [];
  let rest = Buffer.concat([stream.rest, chunk]);
  while (rest.length >= HEADER_LENGTH) {
    const reason = brokenHeader(rest);
    if (reason !== undefined) return { stream: { state: "broken", reason }, requests };
    const end = 6 + rest.readUInt16BE(4);
    if (rest.length < end) break;
    requests.push({
      transaction: rest.readUInt16BE(0),
      unit: rest.readUInt8(6),
      pdu: rest.subarray(HEADER_LENGTH, end),
    });
    rest = rest.subarray(end);
  }
  return { stream: { state: "open", rest }, requests };
}

function brokenHeader(bytes: Buffer): string | undefined {
  const protocol = bytes.readUInt16BE(2);
  const length = bytes.readUInt16BE(4);
  if (protocol !== 0) return `protocol id ${protocol}`;
  return length < LENGTHS.least || length > LENGTHS.most ? `length ${length}` : undefined;
}

/** The frame that answers `request` with `pdu`. */
export function answerFrame({ transaction, unit }: TcpRequest, pdu: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_LENGTH);
  header.writeUInt16BE(transaction, 0);
  header.writeUInt16BE(pdu.length + 1, 4);
  header.writeUInt8(unit, 6);
  return Buffer.concat([header, pdu]);
}
