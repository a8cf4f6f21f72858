import type { Random } from "../../src/kit/random.ts";
import { type Ms, ms } from "../../src/kit/time.ts";
import type { TransactionFault } from "./fault.ts";

/** Bytes that are sent without a pause, `wait` after what was sent before. */
export interface Piece {
  readonly wait: Ms;
  readonly bytes: Buffer;
}

/** How the faults of time cut the frame. Nothing of it: nothing is sent. */
export function pieces(frame: Buffer, faults: readonly TransactionFault[], random: Random): readonly Piece[] {
  return faults.reduce<readonly Piece[]>((cut, fault) => recut(cut, fault, random), [{ wait: ms(0), bytes: frame }]);
}

function recut(cut: readonly Piece[], fault: TransactionFault, random: Random): readonly Piece[] {
  switch (fault.kind) {
    case "late":
      return cut.map((piece, index) => (index === 0 ? { ...piece, wait: ms(piece.wait + fault.by) } : piece));
    case "split":
      return cut.flatMap((piece) => splitOnce(piece, fault.gap, random));
    case "repeated":
      return cut.map(({ wait, bytes }) => ({ wait, bytes: Buffer.concat([bytes, bytes]) }));
    case "dribble":
      return cut.flatMap(({ wait, bytes }) =>
        Array.from(bytes, (byte, index) => ({ wait: index === 0 ? wait : fault.gap, bytes: Buffer.of(byte) })),
      );
    default:
      return cut;
  }
}

function splitOnce({ wait, bytes }: Piece, gap: Ms, random: Random): readonly Piece[] {
  if (bytes.length < 2) return [{ wait, bytes }];
  const at = 1 + Math.floor(random() * (bytes.length - 1));
  return [
    { wait, bytes: bytes.subarray(0, at) },
    { wait: gap, bytes: bytes.subarray(at) },
  ];
}
