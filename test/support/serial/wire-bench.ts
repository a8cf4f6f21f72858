import type { LineFault } from "../../../simulators/faults/fault.ts";
import { LineFaults } from "../../../simulators/faults/line-faults.ts";
import { clockPacer } from "../../../simulators/serial/pacer.ts";
import { SerialBus } from "../../../simulators/serial/serial-bus.ts";
import { rtuLine } from "../../../src/bus/rtu/rtu-line.ts";
import { timerWait } from "../../../src/bus/rtu/wait-until.ts";
import { loggerTo, type LogRecord } from "../../../src/kit/logger.ts";
import { seededRandom } from "../../../src/kit/random.ts";
import { type Ms, ms } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { permitAll } from "../../../src/scan/outputs/permit.ts";
import type { PlantEvent } from "../../../src/scan/scan-sink.ts";
import { HonestSlave } from "../plant-run/honest-slave.ts";
import { type DeviceSketch, plantLike, serialLine } from "../plants/scan-plant.ts";
import { type ScanSide, scanSide } from "../scan/scan-side.ts";
import { wireTransport } from "./wire-transport.ts";

const TAGS: DeviceSketch["tags"] = {
  a: { address: 0, scanClass: "slow" },
  b: { address: 3, scanClass: "slow" },
};

export interface WireBenchOptions {
  readonly units: readonly number[];
  readonly responseTimeout?: Ms;
  readonly tags?: DeviceSketch["tags"];
}

/** The scan side with its own line of RTU frames on a simulated wire of 19,200 baud, in virtual time. */
export class WireBench {
  readonly clock = new VirtualClock();
  readonly events: PlantEvent[] = [];
  readonly logs: LogRecord[] = [];
  readonly faults: LineFaults;
  readonly side: ScanSide;
  readonly #asked = new Map<number, number[]>();
  readonly #close: () => Promise<void>;

  constructor({ units, responseTimeout = ms(150), tags = TAGS }: WireBenchOptions) {
    const { clock } = this;
    const random = seededRandom(1);
    const settings = serialLine("cell", 19_200);
    const sketch = (unit: number): DeviceSketch => ({ unit, timing: { turnaround: ms(8), responseTimeout }, tags });
    const built = plantLike(Object.fromEntries(units.map((unit) => [`d${unit}`, sketch(unit)])));
    const plant = { ...built, lines: new Map([["cell", settings]]) };
    this.faults = new LineFaults({ medium: "serial", random, now: () => clock.now() });
    const bus = new SerialBus({
      format: settings.format,
      pacer: clockPacer(clock),
      random,
      units: [...plant.devices.values()].map((device) => {
        const slave = new HonestSlave(device, () => clock.now());
        return { unit: device.unit, respond: (pdu) => slave.respond(pdu), turnaround: { least: ms(4), most: ms(8) } };
      }),
      faults: this.faults,
    });
    const end = bus.connect();
    const open = wireTransport(end, clock);
    const line = rtuLine({
      settings,
      openTransport: async (events) => {
        const transport = await open(events);
        const write = (frame: Buffer): ReturnType<typeof transport.write> => {
          this.#noteFrame(frame);
          return transport.write(frame);
        };
        return { ...transport, write };
      },
      clock,
      wait: timerWait(clock),
      random,
      logger: loggerTo((record) => this.logs.push(record)),
    });
    this.side = scanSide({
      plant,
      clock,
      lines: new Map([["cell", line]]),
      permit: permitAll,
      logger: loggerTo((record) => this.logs.push(record)),
      sink: {
        blocks: () => undefined,
        samples: () => undefined,
        device: () => undefined,
        event: (event) => this.events.push(event),
      },
      answered: () => undefined,
      cycled: () => undefined,
    });
    line.open();
    this.side.pacemaker.start();
    this.#close = async () => {
      this.side.pacemaker.stop();
      await line.close();
      await this.side.engine.close();
      end.close();
      bus.close();
    };
  }

  run(span: Ms): Promise<void> {
    return this.clock.advance(span);
  }

  /** One fault for so long. */
  async suffer(fault: LineFault, span: Ms): Promise<void> {
    const heal = this.faults.add(fault);
    await this.run(span);
    heal();
  }

  /** When the unit was asked, in milliseconds. */
  asked(unit: number): readonly number[] {
    return this.#asked.get(unit) ?? [];
  }

  status(unit: number): string | undefined {
    return this.side.engine.status(`d${unit}`)?.status;
  }

  /** The names of the events about the line and its units, in order. */
  told(): readonly string[] {
    return this.events.map(({ event }) => event).filter((event) => /^(line|unit)\./.test(event));
  }

  close(): Promise<void> {
    return this.#close();
  }

  #noteFrame(frame: Buffer): void {
    const unit = frame[0] ?? 0;
    this.#asked.set(unit, [...this.asked(unit), this.clock.now()]);
  }
}
