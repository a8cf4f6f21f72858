import { argv, exit, stdout } from "node:process";
import { parseArgs } from "node:util";
import { precisePacer } from "../../../simulators/serial/pacer.ts";
import { simulatePlant } from "../../../simulators/plant-simulation.ts";
import { openLine } from "../../../src/bus/open-line.ts";
import { formatIssues } from "../../../src/config/source/config-issue.ts";
import { loadPlant } from "../../../src/config/plant/load-plant.ts";
import type { LineSettings } from "../../../src/config/plant/plant.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { seededRandom } from "../../../src/kit/random.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";
import { provePlant } from "../../../src/plan/plant-proof.ts";
import { permitAll } from "../../../src/scan/outputs/permit.ts";
import { ValueAges } from "../plant-run/value-ages.ts";
import { scanSide } from "../scan/scan-side.ts";

/**
 * `npm run ages -- [--minutes M]`: the serial wire of the demo plant in real time, its slaves in this process on free ports; ends with 1
 * where a value got older than `takt plan` predicts.
 */
const { values } = parseArgs({ args: argv.slice(2), options: { minutes: { type: "string", default: "10" } } });
const WIRE = "drives";
const clock = systemClock;
const loaded = loadPlant("config/demo/plant.yaml");
if (!loaded.ok) throw new Error(formatIssues(loaded.failure));
const devices = new Map([...loaded.value.devices].filter(([, { line }]) => line === WIRE));
const lines = new Map([...loaded.value.lines].filter(([name]) => name === WIRE));
const plant = { ...loaded.value, devices, lines, pools: new Map(), programs: [] };
const simulation = await simulatePlant({
  lines: lines.values(),
  devices: devices.values(),
  clock,
  random: seededRandom(1),
  logger: silentLogger,
  pacer: precisePacer(clock),
  portOverride: 0,
});

function served(settings: LineSettings): LineSettings {
  return settings.kind === "serial" ? settings : { ...settings, ...simulation.address(settings.name) };
}

const unitWindows = new Map([...devices.values()].map(({ unit }) => [unit, 1]));
const opened = new Map(
  [...lines].map(([name, settings]) => {
    return [name, openLine(served(settings), { unitWindows, clock, random: seededRandom(2), logger: silentLogger })];
  }),
);
const ages = new ValueAges(provePlant(plant));
let overruns = 0;
let skipped = 0;
const side = scanSide({
  plant,
  clock,
  lines: opened,
  permit: permitAll,
  logger: silentLogger,
  sink: { blocks: nothing, samples: nothing, device: nothing, event: nothing },
  answered: nothing,
  cycled: (report) => {
    overruns += report.overruns;
    skipped += report.skipped;
    ages.look(side.engine.image, clock.now());
  },
});
for (const line of opened.values()) line.open();
side.pacemaker.start();
await new Promise<void>((resolve) => clock.after("ages", ms(Number(values.minutes) * 60_000), resolve));
side.pacemaker.stop();
const old = ages.old(WIRE);
const oldest = `${(100 * ages.oldest(WIRE)).toFixed(1)} % of the predicted age at most`;
const answers = [...opened.values()].reduce((sum, line) => sum + line.statistics().answers, 0);
stdout.write(
  `${values.minutes} min, ${answers} answers: ${oldest}; ${old.length} older, ${overruns} overruns, ${skipped} cycles skipped\n`,
);
for (const each of old.slice(0, 10)) stdout.write(`  ${each}\n`);
exit(old.length > 0 ? 1 : 0);

function nothing(): void {
  return undefined;
}
