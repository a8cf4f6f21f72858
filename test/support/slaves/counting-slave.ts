import { frame, type Script } from "../tcp/hostile-server.ts";

/** A slave whose 32-bit input 0 is another number each time it is read: 1, 2, 3, … */
export class CountingSlave {
  /** The number that was read last. */
  count = 0;
  /** No longer counts. */
  frozen = false;

  readonly script: Script = ({ id, unit }) => {
    if (!this.frozen) this.count++;
    const pdu = Buffer.alloc(6);
    pdu[0] = 4;
    pdu[1] = 4;
    pdu.writeUInt32BE(this.count, 2);
    return [{ send: frame(id, unit, pdu) }];
  };
}
