import type { Fault, LineFault } from "../../../simulators/faults/fault.ts";
import { LineFaults } from "../../../simulators/faults/line-faults.ts";
import type { BusEnd } from "../../../simulators/serial/bus-end.ts";
import { rtuFrame } from "../../../simulators/serial/check-sum.ts";
import type { Heard } from "../../../simulators/serial/heard.ts";
import { clockPacer } from "../../../simulators/serial/pacer.ts";
import { SerialBus } from "../../../simulators/serial/serial-bus.ts";
import type { WireFormat } from "../../../simulators/serial/wire-format.ts";
import { replyOf, type SimulatedUnit } from "../../../simulators/simulated-device.ts";
import { fromHex, toHex } from "../../../src/kit/bytes.ts";
import { seededRandom } from "../../../src/kit/random.ts";
import { type Ms, ms } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { sketchedUnit } from "../slaves/slave-sketch.ts";

export const FORMAT_19200_8E1: WireFormat = { baudRate: 19_200, parity: "even", stopBits: 1 };

export interface SerialRigOptions {
  readonly format?: WireFormat;
  readonly seed?: number;
  readonly turnaround?: { readonly least: Ms; readonly most: Ms };
  readonly handOver?: Ms;
}

/** What a master heard: bytes in hexadecimal and the instant, in milliseconds, at which the last of them had come. */
export interface HeardLine {
  readonly at: number;
  readonly bytes: string;
}

/** Two sketched slaves, 1 and 2, on a wire under a virtual clock, and a master's end in memory. */
export class SerialRig {
  readonly clock = new VirtualClock();
  readonly units: ReadonlyMap<number, SimulatedUnit>;
  readonly faults: LineFaults;
  readonly bus: SerialBus;
  readonly end: BusEnd;
  readonly heard: HeardLine[] = [];
  /** The same in the pieces in which it was handed over. */
  readonly pieces: HeardLine[] = [];
  #last: Heard | undefined;

  constructor({ format = FORMAT_19200_8E1, seed = 1, turnaround = FIVE_MS, handOver }: SerialRigOptions = {}) {
    const random = seededRandom(seed);
    this.units = new Map([1, 2].map((unit) => [unit, sketchedUnit({ name: `sketch${unit}`, unit })]));
    this.faults = new LineFaults({ medium: "serial", random, now: () => this.clock.now() });
    this.bus = new SerialBus({
      format,
      pacer: clockPacer(this.clock),
      random,
      units: [...this.units].map(([unit, simulated]) => ({
        unit,
        respond: (pdu) => replyOf(simulated, pdu),
        turnaround,
      })),
      faults: this.faults,
      handOver,
    });
    this.end = this.bus.connect();
    this.end.received.on((heard) => this.#note(heard));
  }

  /** What came without a pause is one line, however it was handed over. */
  #note({ from, bytes, start, end }: Heard): void {
    this.pieces.push({ at: this.clock.now(), bytes: toHex(bytes) });
    const last = this.heard.at(-1);
    const goesOn = last && this.#last?.from === from && Math.abs(start - this.#last.end) < 1e-6;
    if (goesOn) this.heard.splice(-1, 1, { at: this.clock.now(), bytes: `${last.bytes} ${toHex(bytes)}` });
    else this.heard.push({ at: this.clock.now(), bytes: toHex(bytes) });
    this.#last = { from, bytes, start, end };
  }

  /** Sends a request, given without its check sum, and lets `span` milliseconds pass; what was heard meanwhile. */
  async ask(request: string, span = 200): Promise<readonly HeardLine[]> {
    this.send(request);
    return this.pass(span);
  }

  send(request: string): void {
    const [unit = 0, ...pdu] = fromHex(request);
    this.end.write(rtuFrame(unit, Buffer.from(pdu)));
  }

  async pass(span: number): Promise<readonly HeardLine[]> {
    const before = this.heard.length;
    await this.clock.advance(ms(span));
    return this.heard.slice(before);
  }

  /** The request's answer with this fault, all that was heard put together. */
  async spoilt(fault: Fault | LineFault, request: string): Promise<string> {
    this.faults.add({ times: 1, ...fault });
    return (await this.ask(request)).map(({ bytes }) => bytes).join(" ");
  }

  register(unit: number, address: number, value?: number): number {
    const table = this.units.get(unit)?.slave.space.table("holding");
    if (value !== undefined) table?.put(address, value);
    return table?.read(address, 1)[0] ?? Number.NaN;
  }

  close(): void {
    this.end.close();
    this.bus.close();
  }
}

const FIVE_MS = { least: ms(5), most: ms(5) };
