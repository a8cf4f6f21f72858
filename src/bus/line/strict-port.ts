import { EventEmitter } from "node:events";
import { crc16 } from "../../modbus/crc16.ts";
import { IDENTIFICATION, identificationObjects } from "../../modbus/identification-layout.ts";

/** Unit and function code come before the data, the check sum after it. */
export const CRC_LENGTH = 2;

/** Largest RTU frame: unit, the largest PDU, check sum (Modbus over Serial Line V1.02, 2.5.1.1). */
export const LONGEST_RTU_FRAME = 256;

/**
 * What modbus-serial takes for a port, whatever lies below: it hands over requests as RTU frames, and is given only
 * answers that were compared with their requests.
 */
export abstract class StrictPort extends EventEmitter {
  /** Read by modbus-serial: the slot whose answer is being delivered. */
  _transactionIdRead = 0;
  /** Read by modbus-serial: the slot of the request it encodes next; ours to set. */
  _transactionIdWrite = 0;
  /** Where to go on when the last identification delivered was only a part: the flag itself is kept from the library. */
  continuesAt: number | undefined;
  readonly #rtu = Buffer.alloc(LONGEST_RTU_FRAME);
  #open = false;

  get isOpen(): boolean {
    return this.#open;
  }

  open(done: (error?: Error) => void): void {
    this.#open = true;
    done();
  }

  /** Nothing is sent or delivered afterwards. */
  close(done?: (error?: Error) => void): void {
    this.#open = false;
    done?.();
  }

  /** Called by modbus-serial with an RTU frame, its check sum included. */
  abstract write(rtu: Buffer): void;

  /** Hands modbus-serial the checked answer to the request in `slot`: unit and PDU. */
  protected deliver(slot: number, body: Uint8Array): void {
    this.#rtu.set(body);
    this.continuesAt = body[1] === 43 ? hideContinuation(this.#rtu, body.length) : undefined;
    this.#rtu.writeUInt16LE(crc16(this.#rtu, body.length), body.length);
    this._transactionIdRead = slot;
    this.emit("data", this.#rtu.subarray(0, body.length + CRC_LENGTH));
  }
}

/**
 * modbus-serial would fetch what follows by itself, past the line, and takes the check sum for an object when more are
 * counted than are there. Clears the flag, corrects the count, and returns the object to go on with.
 */
function hideContinuation(rtu: Buffer, length: number): number | undefined {
  const pdu = rtu.subarray(1, length);
  const more = pdu[IDENTIFICATION.moreFollows] !== 0;
  pdu[IDENTIFICATION.moreFollows] = 0;
  pdu[IDENTIFICATION.count] = identificationObjects(pdu)?.length ?? 0;
  return more ? pdu[IDENTIFICATION.nextObject] : undefined;
}
