import { frame, type Script } from "../tcp/hostile-server.ts";

/** A slave whose coils and holding registers are 0 until they are written: functions 1, 3, 5, 6, 15 and 16. */
export function memorySlave(): Script {
  const coils = new Map<number, number>();
  const registers = new Map<number, number>();
  return ({ id, unit, pdu }) => [{ send: frame(id, unit, answer(pdu)) }];

  function answer(pdu: Buffer): Buffer {
    const [address, second] = [pdu.readUInt16BE(1), pdu.readUInt16BE(3)];
    switch (pdu[0]) {
      case 1:
        return Buffer.concat([Buffer.of(1, Math.ceil(second / 8)), packed(address, second)]);
      case 3:
        return Buffer.concat([Buffer.of(3, second * 2), ...cells(registers, address, second).map(word)]);
      case 5:
        coils.set(address, second === 0 ? 0 : 1);
        return pdu;
      case 6:
        registers.set(address, second);
        return pdu;
      case 15:
        for (let at = 0; at < second; at++) coils.set(address + at, ((pdu[6 + (at >> 3)] ?? 0) >> (at & 7)) & 1);
        return pdu.subarray(0, 5);
      case 16:
        for (let at = 0; at < second; at++) registers.set(address + at, pdu.readUInt16BE(6 + 2 * at));
        return pdu.subarray(0, 5);
      default:
        return Buffer.of((pdu[0] ?? 0) | 0x80, 1);
    }
  }

  function packed(address: number, quantity: number): Buffer {
    const bytes = Buffer.alloc(Math.ceil(quantity / 8));
    cells(coils, address, quantity).forEach((bit, at) => (bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (bit << (at & 7))));
    return bytes;
  }
}

function cells(memory: ReadonlyMap<number, number>, address: number, quantity: number): readonly number[] {
  return Array.from({ length: quantity }, (_, at) => memory.get(address + at) ?? 0);
}

function word(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff);
}
