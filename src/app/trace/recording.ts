import { err, ok, type Result } from "../../kit/result.ts";
import { type WallTime, wallTime } from "../../kit/time.ts";
import { interfaceBlock, packetBlock, readPcapng, sectionBlock } from "./pcapng.ts";
import { type Protocol, readUpperPdu, upperPdu } from "./upper-pdu.ts";

/** One frame of a line as it is kept in a file. */
export interface RecordedFrame {
  readonly line: string;
  readonly protocol: Protocol;
  readonly direction: "sent" | "received";
  readonly at: WallTime;
  readonly bytes: Uint8Array;
  /** What the line made of it. */
  readonly verdict: string | undefined;
}

/** Turns frames into the bytes of a pcapng file, from its beginning on; each line is an interface. */
export class RecordingWriter {
  readonly #interfaces = new Map<string, number>();
  #begun = false;

  write(frame: RecordedFrame): Buffer {
    const parts: Buffer[] = [];
    if (!this.#begun) parts.push(sectionBlock());
    this.#begun = true;
    const known = this.#interfaces.get(frame.line);
    const index = known ?? this.#interfaces.size;
    if (known === undefined) {
      this.#interfaces.set(frame.line, index);
      parts.push(interfaceBlock(frame.line));
    }
    const outbound = frame.direction === "sent";
    const data = upperPdu(frame.protocol, outbound, frame.bytes);
    const at = BigInt(Math.round(frame.at * 1000));
    parts.push(packetBlock({ interface: index, at, data, outbound, comment: frame.verdict }));
    return Buffer.concat(parts);
  }
}

/** The frames of a recording, in the order of the file; the failure is a sentence. */
export function readRecording(file: Buffer): Result<readonly RecordedFrame[], string> {
  const capture = readPcapng(file);
  if (!capture.ok) return capture;
  const frames: RecordedFrame[] = [];
  for (const packet of capture.value.packets) {
    const line = capture.value.interfaces[packet.interface];
    const pdu = readUpperPdu(Buffer.from(packet.data));
    if (line === undefined || !pdu) return err("a packet in it is no frame of Modbus");
    frames.push({
      line,
      protocol: pdu.protocol,
      direction: packet.outbound ? "sent" : "received",
      at: wallTime(Number(packet.at) / 1000),
      bytes: pdu.bytes,
      verdict: packet.comment,
    });
  }
  return ok(frames);
}
