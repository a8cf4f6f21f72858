import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { z } from "zod";
import { type ConfigIssue, formatIssues } from "../../src/config/source/config-issue.ts";
import { jsonSchemas } from "../../src/config/schema/json-schemas.ts";
import { check } from "../../src/app/commands/check.ts";
import { plan } from "../../src/app/commands/plan.ts";
import { loadWorkablePlant } from "../../src/app/plan/load-workable-plant.ts";
import { loadPlant, readPlant } from "../../src/config/plant/load-plant.ts";
import { loadProfileFile } from "../../src/config/profile/load-profile.ts";
import {
  deviceSchema,
  lineSchema,
  plantSchema,
  programSchema,
  repeatSchema,
  scanSchema,
} from "../../src/config/plant/plant-schema.ts";
import { PACKAGE_DEVICES, ProfileLibrary } from "../../src/config/profile/profile-library.ts";
import { parseYaml } from "../../src/config/source/read-yaml.ts";
import { loadSettings } from "../../src/config/settings/settings.ts";
import { allSettings } from "../../src/config/settings/settings-schema.ts";
import { buildTag } from "../../src/device/build-tag.ts";
import { commandSchema } from "../../src/device/command-schema.ts";
import {
  heartbeatSchema,
  limitsSchema,
  parameterSchema,
  profileSchema,
  timingSchema,
} from "../../src/device/profile-schema.ts";
import { TAG_TYPES, tagOverrideSchema, tagSchema } from "../../src/device/tag-schema.ts";
import { mailboxSchema } from "../../src/device/mailbox-schema.ts";
import { formatDuration } from "../../src/kit/duration.ts";
import type { Result } from "../../src/kit/result.ts";
import { BYTE_ORDERS } from "../../src/modbus/byte-order.ts";
import { type RegisterFormat, registerCodec } from "../../src/modbus/register-codec.ts";

const README = read("README.md");
const CONFIGURATION = read("docs/configuration.md");

function read(file: string): string {
  return readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
}

/*
 * What a ```yaml block is, its first line says: `plant:`, `profile:` and `gateway:` begin a whole file, `tags:` the tags
 * of some profile, `# plant.yaml` a plant with mistakes, which the ```text block after it tells.
 */
function yamlBlocks(page: string): readonly string[] {
  return fences(page, "yaml");
}

function fences(page: string, language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, text = ""]) => text);
}

function firstWord(block: string): string {
  return /^\S+/.exec(block)?.[0] ?? "";
}

/** The block as a whole profile; undefined when it is none. */
function profileOf(block: string, index: number): { readonly name: string; readonly text: string } | undefined {
  const name = /^profile: (\S+)\n/.exec(block)?.[1];
  if (name !== undefined) return { name, text: block };
  const tags = `docs/tags-${index}`;
  return firstWord(block) === "tags:" ? { name: tags, text: `profile: ${tags}\ntitle: Tags\n${block}` } : undefined;
}

/** Every table of the page under a heading: first cells without their backticks, and all cells. */
function tableUnder(heading: string): readonly (readonly string[])[] {
  const [, section = ""] = new RegExp(`^#+ ${heading}\n(.*?)(?=^#)`, "ms").exec(`${CONFIGURATION}\n#`) ?? [];
  const lines = section.split("\n");
  const from = lines.findIndex((line) => line.startsWith("|---"));
  assert.ok(from > 0, `no table under "${heading}"`);
  const rest = lines.slice(from + 1);
  const rows = rest.slice(
    0,
    rest.findIndex((line) => !line.startsWith("|")),
  );
  return rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function bare(cell: string | undefined): string {
  return (cell ?? "").replaceAll("`", "");
}

/** Keys of the table under a heading with what it calls their defaults. */
function keysUnder(heading: string): ReadonlyMap<string, string> {
  return new Map(tableUnder(heading).map(([key, value]) => [bare(key), bare(value)]));
}

function keysOf(schema: z.ZodObject): readonly string[] {
  return Object.keys(schema.shape);
}

function nestedKeys(name: string, schema: z.ZodObject): readonly string[] {
  return keysOf(schema).map((key) => `${name}.${key}`);
}

const writeSchema = tagSchema.shape.write.unwrap();

const KEY_TABLES: Readonly<Record<string, readonly string[]>> = {
  "The plant file": keysOf(plantSchema),
  scan: keysOf(scanSchema),
  lines: [
    ...nestedKeys("tcp", lineSchema.shape.tcp.unwrap()),
    ...nestedKeys("serial", lineSchema.shape.serial.unwrap()),
    ...nestedKeys("rtuOverTcp", lineSchema.shape.rtuOverTcp.unwrap()),
    ...nestedKeys("gateway", lineSchema.shape.gateway.unwrap()),
    ...keysOf(lineSchema).filter((key) => !["tcp", "serial", "rtuOverTcp", "gateway"].includes(key)),
  ],
  devices: keysOf(deviceSchema),
  programs: keysOf(programSchema),
  "The profile file": keysOf(profileSchema),
  parameters: keysOf(parameterSchema),
  timing: keysOf(timingSchema),
  limits: keysOf(limitsSchema),
  heartbeat: keysOf(heartbeatSchema),
  mailbox: keysOf(mailboxSchema).flatMap((key) => {
    if (key === "mail" || key === "status") return nestedKeys(key, mailboxSchema.shape[key]);
    return key === "jobs" ? [key, ...nestedKeys("jobs.<job>", mailboxSchema.shape.jobs.valueType)] : [key];
  }),
  commands: keysOf(commandSchema),
  Tags: keysOf(tagSchema),
  Outputs: keysOf(writeSchema),
  "Site settings": allSettings().map(({ key }) => key),
};

describe("the pages about configuration", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "takt-docs-"));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function write(file: string, text: string): string {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** Puts the profiles of a page where its plants find them; gives their names. */
  function writeProfiles(page: string): readonly string[] {
    return yamlBlocks(page).flatMap((block, index) => {
      const profile = profileOf(block, index);
      if (!profile) return [];
      write(`devices/${profile.name}.yaml`, profile.text);
      return [profile.name];
    });
  }

  function assertInOrder(result: Result<unknown, readonly ConfigIssue[]>): void {
    assert.equal(result.ok ? "" : formatIssues(result.failure), "");
  }

  for (const [name, page] of Object.entries({ "README.md": README, "docs/configuration.md": CONFIGURATION })) {
    it(`say of each of their YAML examples what it is: ${name}`, () => {
      const known = ["plant:", "profile:", "gateway:", "tags:", "#"];
      const blocks = yamlBlocks(page);
      assert.ok(blocks.length > 1);
      assert.deepEqual(
        blocks.map(firstWord).filter((word) => !known.includes(word)),
        [],
      );
    });

    it(`show profiles that are in order: ${name}`, () => {
      const profiles = writeProfiles(page);
      assert.ok(profiles.length > 0);
      for (const profile of profiles) assertInOrder(loadProfileFile(join(folder, "devices", `${profile}.yaml`)));
    });

    it(`show plants that are in order and hold, with the profiles they show: ${name}`, () => {
      writeProfiles(page);
      const plants = yamlBlocks(page).filter((block) => firstWord(block) === "plant:");
      assert.ok(plants.length > 0);
      for (const plant of plants) assertInOrder(loadWorkablePlant(write("plant.yaml", plant)));
    });
  }

  it("show site settings that are in order", () => {
    const blocks = [README, CONFIGURATION].flatMap(yamlBlocks).filter((block) => firstWord(block) === "gateway:");
    assert.ok(blocks.length > 0);
    for (const block of blocks) {
      assertInOrder(loadSettings({ file: write("settings.yaml", block), env: {}, hostname: "host" }));
    }
  });

  it("show mistakes as they are told", () => {
    writeProfiles(CONFIGURATION);
    const [broken = "", ...more] = yamlBlocks(CONFIGURATION).filter((block) => block.startsWith("# plant.yaml\n"));
    assert.deepEqual(more, []);
    const root = parseYaml(broken, "plant.yaml");
    assert.ok(root.ok);
    const library = new ProfileLibrary([join(folder, "devices/"), PACKAGE_DEVICES]);
    const plant = readPlant({ file: "plant.yaml", root: root.value }, library);
    assert.ok(!plant.ok);
    assert.deepEqual(fences(CONFIGURATION, "text"), [`$ takt check plant.yaml\n${formatIssues(plant.failure)}\n`]);
  });

  for (const [heading, keys] of Object.entries(KEY_TABLES)) {
    it(`have every key, and no other, in the table of: ${heading}`, () => {
      assert.deepEqual([...keysUnder(heading).keys()].toSorted(), keys.toSorted());
    });
  }

  it("name every key of the JSON Schemas", () => {
    const missing = [...jsonSchemas().values()]
      .flatMap(propertyNames)
      .filter((key) => !new RegExp(`\`[^\`\n]*\\b${key}\\b[^\`\n]*\``).test(CONFIGURATION));
    assert.deepEqual(missing, []);
  });

  it("name every key that a device may change of a tag", () => {
    const [sentence = ""] = /Under `tags` a device may change .*?\./s.exec(CONFIGURATION) ?? [];
    const named = [...sentence.matchAll(/`(\w+)`/g)].map(([, key]) => key);
    assert.deepEqual(named.slice(1).toSorted(), keysOf(tagOverrideSchema).toSorted());
  });

  it("call the defaults of lines and devices what they are", () => {
    write("devices/acme/x.yaml", "profile: acme/x\ntitle: X\ntags: { t: { at: coil 0 } }\n");
    const text =
      "plant: p\nlines: { a: { tcp: { host: h } } }\ndevices: { d: { profile: acme/x, line: a, unit: 1 } }\n";
    const plant = loadPlant(write("plant.yaml", text));
    assert.ok(plant.ok);
    const { scan, lines, devices } = plant.value;
    const line = lines.get("a");
    const device = devices.get("d");
    assert.ok(line?.kind === "tcp" && device);
    const said = (heading: string, ...keys: readonly string[]): readonly (string | undefined)[] =>
      keys.map((key) => keysUnder(heading).get(key));
    assert.deepEqual(said("scan", "period"), [formatDuration(scan.period)]);
    assert.deepEqual(said("lines", "tcp.port", "window"), [String(line.port), String(line.window)]);
    assert.deepEqual(
      said("lines", "connectTimeout", "delayAfterConnect"),
      [line.connectTimeout, line.delayAfterConnect].map(formatDuration),
    );
    assert.deepEqual(
      said("timing", "turnaround", "responseTimeout"),
      [device.timing.turnaround, device.timing.responseTimeout].map(formatDuration),
    );
    assert.deepEqual(said("limits", ...Object.keys(device.limits)), Object.values(device.limits).map(String));
    assert.deepEqual(said("The profile file", "functions"), [`[${[...device.profile.functions].join(", ")}]`]);
    assert.deepEqual(said("devices", "disabled"), [String(device.disabled)]);
  });

  it("call the defaults of tags what they are", () => {
    const tag = buildTag("t", tagSchema.parse({ at: "holding 0", write: { kind: "level" } }), "ABCD");
    const keys = keysUnder("Tags");
    const { minInterval, deadband } = tag.report;
    assert.deepEqual(
      ["scale", "offset", "class", "deadband", "minInterval"].map((key) => keys.get(key)),
      [String(tag.scale), String(tag.offset), tag.scanClass, String(deadband), formatDuration(minInterval)],
    );
    const verify = tag.write?.verify;
    assert.ok(verify?.by === "readback");
    assert.deepEqual(
      ["tolerance", "within"].map((key) => keysUnder("Outputs").get(key)),
      [String(verify.tolerance), formatDuration(verify.within)],
    );
  });

  it("call the defaults of settings what they are", () => {
    const said = keysUnder("Site settings");
    const given = allSettings().filter(({ leaf }) => leaf.default !== null);
    assert.deepEqual(
      given.map(({ key }) => `${key}: ${said.get(key)}`),
      given.map(({ key, leaf }) => `${key}: ${leaf.default}`),
    );
  });

  it("name every type", () => {
    const named = tableUnder("Types").flatMap(([cell = ""]) => [...cell.matchAll(/`(\w+)`/g)].map(([, type]) => type));
    assert.deepEqual(named.toSorted(), TAG_TYPES.toSorted());
  });

  it("show what each byte order makes of a value", () => {
    const rows = tableUnder("Byte orders");
    assert.deepEqual(
      rows.map(([order]) => bare(order)),
      BYTE_ORDERS,
    );
    for (const [index, order] of BYTE_ORDERS.entries()) {
      const [, ...cells] = rows[index] ?? [];
      const formats: readonly (readonly [RegisterFormat, number | bigint | string])[] = [
        [{ type: "float32", order }, 123.456],
        [{ type: "uint32", order }, 305419896],
        [{ type: "uint64", order }, 81985529216486895n],
        [{ type: "uint16", order }, 4660],
        [{ type: "string", length: 4, order }, "PUMP"],
      ];
      assert.deepEqual(
        cells,
        formats.map(([format, value]) => hex(registerCodec(format).encode(value))),
      );
    }
  });

  it("say how many devices a repeat may stand for, and how its range is written", () => {
    assert.ok(repeatSchema.safeParse({ n: "1..30" }).success);
    const plant = (range: string): boolean => {
      write("devices/acme/x.yaml", "profile: acme/x\ntitle: X\ntags: { t: { at: coil 0 } }\n");
      const device = `"d-\${n}": { repeat: { n: ${range} }, profile: acme/x, line: a, unit: "\${n}" }`;
      return loadPlant(write("plant.yaml", `plant: p\nlines: { a: { tcp: { host: h } } }\ndevices: { ${device} }\n`))
        .ok;
    };
    const [, most] = /both ends included, at most (\d+)/.exec(CONFIGURATION) ?? [];
    assert.deepEqual([plant(`0..${Number(most) - 1}`), plant(`0..${most}`)], [true, false]);
  });

  it("link to headings that exist", () => {
    const anchors = [...CONFIGURATION.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    const links = [...CONFIGURATION.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor = ""]) => anchor);
    assert.ok(links.length > 5);
    assert.deepEqual(
      links.filter((anchor) => !anchors.includes(anchor)),
      [],
    );
  });
});

describe("the page about the command line", () => {
  const page = read("docs/cli.md");

  it("lists every command, as the README does", () => {
    const sources = ["src/app/takt.ts", "src/app/commands/device-commands.ts"].map(read).join("\n");
    const commands = [...sources.matchAll(/\.command\("([\w-]+)"\)/g)].map(([, name = ""]) => name);
    assert.ok(commands.length > 12);
    const rows = (text: string): string => text.match(/^\|.*`(takt )?\w+.*\|.*$/gm)?.join("\n") ?? "";
    const missing = (text: string, mark: (name: string) => string): readonly string[] =>
      commands.filter((name) => !rows(text).includes(mark(name)));
    assert.deepEqual(
      missing(page, (name) => `[\`${name}\`](#`),
      [],
    );
    assert.deepEqual(
      missing(README, (name) => `\`takt ${name}`),
      [],
    );
  });

  it("shows of check and plan what they print", () => {
    const demo = new URL("../../config/demo/plant.yaml", import.meta.url).pathname;
    const printed: string[] = [];
    check(demo, { json: false }, (text) => printed.push(text));
    plan(demo, { json: false }, (text) => printed.push(text));
    const real = new Set(printed.join("\n").split("\n"));
    for (const command of ["check", "plan"]) {
      const [, block = ""] = new RegExp(`^    \\$ takt ${command} .*\n((?:    .*\n|\n)+)`, "m").exec(page) ?? [];
      const shown = block.split("\n").map((line) => line.slice(4));
      assert.ok(shown.length > 4);
      assert.deepEqual(
        shown.filter((line) => line.trim() !== "…" && !real.has(line)),
        [],
      );
    }
  });
});

function hex(registers: readonly number[] | undefined): string {
  return (registers ?? []).map((register) => register.toString(16).toUpperCase().padStart(4, "0")).join(" ");
}

/** The keys of all maps that a JSON Schema describes. */
function propertyNames(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]: readonly [string, unknown]) => {
    const own = key === "properties" && typeof value === "object" && value !== null ? Object.keys(value) : [];
    return [...own, ...propertyNames(value)];
  });
}
