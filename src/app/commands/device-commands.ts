import type { Command } from "commander";
import type { CallOptions } from "./call.ts";
import type { ImportOptions } from "./import.ts";
import type { ReadOptions } from "./read.ts";
import type { ScanOptions } from "./scan.ts";
import type { WriteOptions } from "./write.ts";
import { standardTerminal } from "../process/terminal.ts";

const WHERE = `
Where:
  holding 0                one of coil, discrete, input, holding, and an address that counts from 0
  40001, --address 40001   a classic number that counts from 1: 40001 and 400001 are holding 0, 30001 is input 0,
                           10001 is discrete 0, --address 1 is coil 0
`;

const TARGETS = `
Targets:
  tcp://host, tcp://host:1502                        Modbus/TCP
  rtu:///dev/ttyUSB0?baud=19200&parity=even          a serial port; baud, parity, stop (1 or 2), echo (yes or no) and
                                                     driver (serialport or tty) may be left out
  rtu+tcp://host:4001?baud=9600&parity=none          RTU frames through a serial device server
`;

const WAY = `
A master that runs on this machine as the same user keeps its lines to itself; the command then goes through it and says
so. --direct opens a connection of its own, which a device with room for one only may answer by dropping the master's.
`;

const EXITS = `
Exit codes: 0 done, 2 an argument is wrong, 3 not reachable or no answer, 4 the device or the master said no.
`;

/** The commands that talk to devices, and the one that makes a profile of a list. */
export function addDeviceCommands(takt: Command): void {
  addRead(takt);
  addWrite(takt);
  addCall(takt);
  addScan(takt);
  addImport(takt);
}

function addRead(takt: Command): void {
  takt
    .command("read")
    .description("read registers or bits of any device; needs no file")
    .argument("<target>", "tcp://host, rtu:///dev/ttyUSB0, …; with --plant the name of a device")
    .argument(
      "[where...]",
      "table, address and how many, as in: holding 0 10; with --plant names of tags, or none for all",
    )
    .option("-p, --plant <file>", "read tags of a device of this plant by name")
    .option("-u, --unit <number>", "the unit (slave) behind the target", "1")
    .option("-a, --address <number>", "a classic number instead of table and address, such as 40001")
    .option("-c, --count <number>", "how many registers or bits, or how many values where --type is given; 1")
    .option("-t, --type <type>", "int16 … uint64, float32, float64, bcd16, bcd32, bcd64, string")
    .option("-o, --order <order>", "how a value's bytes A (highest) to D lie: ABCD, CDAB, BADC, DCBA")
    .option("-l, --length <bytes>", "bytes of a string")
    .option("--all-orders", "every type and order side by side", false)
    .option("--repeat <time>", "again and again, until Ctrl-C")
    .option("--timeout <time>", "how long the unit may take to answer; 1s, or what the profile says")
    .option("--direct", "past the running master", false)
    .option("--json", "for programs: one object a line", false)
    .addHelpText(
      "after",
      `${WHERE}
Examples:
  takt read tcp://192.168.0.10 holding 0 10                      ten registers
  takt read tcp://192.168.0.10 holding 0 10 --all-orders         which type and order is it?
  takt read tcp://192.168.0.10 --unit 3 40011 --type float32 --order CDAB
  takt read tcp://192.168.0.10 input 100 2 --type uint32 --repeat 1s
  takt read tcp://192.168.0.10 holding 40 --type string --length 16
  takt read infeed speed motorTemp --plant plant.yaml            by name, scaled
${TARGETS}${WAY}${EXITS}`,
    )
    .action(async (target: string, where: string[], options: ReadOptions & { plant?: string }) => {
      const { plant } = options;
      if (plant === undefined) {
        const { read } = await import("./read.ts");
        process.exitCode = await read(target, where, options, standardTerminal);
      } else {
        const { readByName } = await import("./read-by-name.ts");
        process.exitCode = await readByName(target, where, { ...options, plant }, standardTerminal);
      }
    });
}

function addWrite(takt: Command): void {
  takt
    .command("write")
    .description("write registers or coils of any device, read them back, and say what is known to have happened")
    .argument("<target>", "tcp://host, rtu:///dev/ttyUSB0, rtu+tcp://host:port")
    .argument("[where...]", "table, address and values, as in: holding 4 123")
    .option("-u, --unit <number>", "the unit (slave) behind the target", "1")
    .option("-a, --address <number>", "a classic number instead of table and address, such as 40001")
    .option("-t, --type <type>", "int16 … uint64, float32, float64, bcd16, bcd32, bcd64, string")
    .option("-o, --order <order>", "how a value's bytes A (highest) to D lie: ABCD, CDAB, BADC, DCBA")
    .option("-l, --length <bytes>", "bytes of a string")
    .option("--multiple", "one value with function 15 or 16 too, for devices without 5 and 6", false)
    .option("--timeout <time>", "how long the unit may take to answer", "1s")
    .option("--direct", "past the running master", false)
    .option("--json", "for programs: one object", false)
    .addHelpText(
      "after",
      `${WHERE}
Examples:
  takt write tcp://192.168.0.10 holding 4 123
  takt write tcp://192.168.0.10 coil 0 on off on
  takt write tcp://192.168.0.10 --unit 3 --address 40011 21.5 --type float32 --order CDAB
  takt write tcp://192.168.0.10 holding 4 -5

All values go out in one request, once. It ends in one of these words:
  verified        read back as written
  acknowledged    the device confirmed it; it could not be read back, or is still being worked on
  refused         the device said no
  rejected        the running master said no; nothing was sent
  failed          known not to have had its effect
  unknown         no answer, and nothing to tell whether it happened
A raw write knows of no range and no interlock. A running master refuses one that touches an output of its plant: command it
over MQTT, or take the device out of service first.
${TARGETS}${WAY}${EXITS}`,
    )
    .action(async (target: string, where: string[], options: WriteOptions) => {
      const { write } = await import("./write.ts");
      process.exitCode = await write(target, where, options, standardTerminal);
    });
}

function addCall(takt: Command): void {
  takt
    .command("call")
    .description("have a device of the running master do a command of its profile; without one, say which there are")
    .argument("<device>", "its name in the plant file")
    .argument("[command...]", "the command and its arguments, as in: start speed=0.5")
    .option("--ttl <time>", "how long it may wait to begin", "5s")
    .option("--id <id>", "a repeated id is not carried out again: it gets the outcome of the first")
    .option("--by <name>", "who you are, for the audit")
    .option("--arm", "arm it first, where its profile asks for that", false)
    .option("--json", "for programs: one object", false)
    .addHelpText(
      "after",
      `
Examples:
  takt call infeed                     what can it do?
  takt call infeed start speed=0.5
  takt call infeed stop                takes over whatever is under way
  takt call picker1 move x=400 y=0 z=300 --json

The command runs in the scan of the master that runs on this machine as the same user, with its interlocks, one at a time for each
device, and ends in one of these words:
  verified        what its profile expects was seen
  acknowledged    the device confirmed, and its profile asks for no more
  rejected        by takt; nothing was sent
  refused         by the device
  expired         it could not begin within --ttl
  failed          known not to have had its effect; what its profile says for that case was written
  unknown         it may or may not have happened: look at the device
Ctrl-C leaves the command to itself. Over MQTT: docs/mqtt.md.
${EXITS}`,
    )
    .action(async (device: string, words: string[], options: Omit<CallOptions, "folder" | "clock">) => {
      const { call } = await import("./call.ts");
      const { defaultRuntimeFolder } = await import("../control/runtime-folder.ts");
      const { systemClock } = await import("../../kit/system-clock.ts");
      const how = { ...options, folder: defaultRuntimeFolder(process.env), clock: systemClock };
      process.exitCode = await call(device, words, how, standardTerminal);
    });
}

function addScan(takt: Command): void {
  takt
    .command("scan")
    .description("find the units that answer behind a target, and what they say of themselves")
    .argument("<target>", "tcp://host, rtu:///dev/ttyUSB0, rtu+tcp://host:port")
    .option(
      "-u, --units <range>",
      "which units to ask, as in 1,5,10-20; 1-247, with --baud auto 1-10; on TCP 0 and 255 are worth a try",
    )
    .option("--timeout <time>", "how long each unit may take to answer", "300ms")
    .option("--baud <auto>", "serial ports: try the usual rates and parities until a unit answers")
    .option("--direct", "past the running master", false)
    .option("--json", "for programs: one object", false)
    .addHelpText(
      "after",
      `
Each unit is asked for one holding register. Any answer proves it, an exception too, except 0A and 0B, with which a gateway
says that its unit is silent. What answers is asked for its identification (function 43 / 14) and server id (function 17).
Behind a gateway to a serial wire take a timeout above the gateway's own, often 1s.

Examples:
  takt scan tcp://192.168.0.10
  takt scan tcp://192.168.0.10 --units 1-32 --timeout 1s
  takt scan rtu:///dev/ttyUSB0?baud=9600
  takt scan rtu:///dev/ttyUSB0 --baud auto
${TARGETS}${WAY}${EXITS}`,
    )
    .action(async (target: string, options: ScanOptions) => {
      const { scan } = await import("./scan.ts");
      process.exitCode = await scan(target, options, standardTerminal);
    });
}

function addImport(takt: Command): void {
  takt
    .command("import")
    .description("make a device profile of a list of tags (CSV)")
    .argument("<csv>", "a header, then one tag a row; cells parted by comma or semicolon")
    .requiredOption("-p, --profile <name>", "the profile's name, maker/model")
    .option("-b, --base <0|1>", "from what the list's addresses count; 1 for numbers such as 40001", "0")
    .option("-o, --out <file>", "where the profile goes, devices/<maker>/<model>.yaml; otherwise it is printed")
    .option("--force", "replace that file if it exists", false)
    .addHelpText(
      "after",
      `
Columns: name, and either at ("holding 4.0-7") or address (with table, unless the numbers are such as 40001); and, where
wanted, type, length, count, order, scale, offset, unit, access (r, rw, w), write (level, pulse), class, title.

Examples:
  takt import meter.csv --profile acme/em24 > devices/acme/em24.yaml
  takt import meter.csv --profile acme/em24 --base 1 --out devices/acme/em24.yaml
`,
    )
    .action(async (csv: string, options: ImportOptions) => {
      const { importTags } = await import("./import.ts");
      process.exitCode = importTags(csv, options, standardTerminal);
    });
}
