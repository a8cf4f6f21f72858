import assert from "node:assert/strict";
import { formatIssue } from "../../../src/config/source/config-issue.ts";
import { importCsv } from "../../../src/config/profile/import-csv.ts";
import { parseYaml } from "../../../src/config/source/read-yaml.ts";
import { readProfile } from "../../../src/config/profile/read-profile.ts";
import { formatLocation } from "../../../src/device/location.ts";
import type { Tag } from "../../../src/device/tag.ts";

const options = { file: "list.csv", profile: "acme/list", base: 0 } as const;

/** The tags of the profile that the list became. */
function tagsOf(csv: string, base: 0 | 1 = 0): ReadonlyMap<string, Tag> {
  const imported = importCsv(csv, { ...options, base });
  assert.ok(imported.ok, imported.ok ? "" : JSON.stringify(imported.failure));
  const yaml = parseYaml(imported.value.yaml, "acme/list.yaml");
  assert.ok(yaml.ok);
  const { profile, issues } = readProfile({ file: "acme/list.yaml", root: yaml.value }, { name: "acme/list" });
  assert.deepEqual(issues, []);
  assert.ok(profile);
  assert.equal(profile.tags.size, imported.value.tags);
  return profile.tags;
}

function issuesOf(csv: string, base: 0 | 1 = 0): readonly string[] {
  const imported = importCsv(csv, { ...options, base });
  return imported.ok ? [] : imported.failure.map(formatIssue);
}

describe("a list of tags in CSV", () => {
  it("becomes a profile that reads back as it was meant", () => {
    const tags = tagsOf(`name,at,type,order,scale,offset,unit,class,title,access,write
speed,holding 0,uint16,CDAB,0.001,,m/s,fast,"Belt speed, measured",rw,
temp,input 3,int16,,0.1,-40,degC,,,r,
jog,coil 4,,,,,,,,rw,pulse
bit,holding 7.3,,,,,,,,,
`);
    const speed = tags.get("speed");
    assert.deepEqual([speed?.scale, speed?.order, speed?.unit, speed?.scanClass], [0.001, "CDAB", "m/s", "fast"]);
    assert.equal(speed?.title, "Belt speed, measured");
    assert.deepEqual([tags.get("temp")?.offset, tags.get("temp")?.write], [-40, undefined]);
    assert.deepEqual([tags.get("speed")?.write?.kind, tags.get("jog")?.write?.kind], ["level", "pulse"]);
    assert.equal(tags.get("bit")?.type, "bool");
  });

  const addresses = [
    { row: "40001,", base: 1, at: "holding 0" },
    { row: "30053,", base: 1, at: "input 52" },
    { row: "10001,", base: 1, at: "discrete 0" },
    { row: "00017,", base: 1, at: "coil 16" },
    { row: "465536,", base: 1, at: "holding 65535" },
    { row: "40011.3,", base: 1, at: "holding 10.3" },
    { row: "1,holding", base: 1, at: "holding 0" },
    { row: "50000,holding", base: 1, at: "holding 49999" },
    { row: "0,holding", base: 0, at: "holding 0" },
    { row: "40001,holding", base: 0, at: "holding 40001" },
    { row: "0x10,Input registers", base: 0, at: "input 16" },
  ] as const;
  for (const { row, base, at } of addresses) {
    it(`takes address ${row} with base ${base} for ${at}`, () => {
      const [tag] = tagsOf(`name,address,table\nx,${row}\n`, base).values();
      assert.equal(tag && formatLocation(tag.at), at);
    });
  }

  const refused = [
    { row: "40001,", base: 0, says: /looks like a maker's number that counts from 1; import with --base 1/ },
    { row: "40001,holding", base: 1, says: /may be 0 or 40000/ },
    { row: "0,holding", base: 1, says: /cannot be 0/ },
    { row: "40000,", base: 1, says: /cannot be 0/ },
    { row: "17,", base: 0, says: /needs a table/ },
    { row: "70000,input", base: 0, says: /outside 0\.\.65535/ },
    { row: "ten,input", base: 0, says: /is no address/ },
    { row: "1,register", base: 0, says: /is no table/ },
  ] as const;
  for (const { row, base, says } of refused) {
    it(`does not guess what address ${row} with base ${base} means`, () => {
      const [issue = ""] = issuesOf(`name,address,table\nx,${row}\n`, base);
      assert.match(issue, says);
      assert.match(issue, /^list\.csv:2:1 {2}/);
    });
  }

  it("may be parted by semicolons, have decimal commas, a mark of its encoding and line ends of any system", () => {
    const tags = tagsOf('\uFEFFname;at;scale\r\n"a";input 0;0,1\r\n\r\n;;\r\nb;input 1;10\r\n');
    assert.deepEqual(
      [...tags.values()].map(({ name, scale }) => [name, scale]),
      [
        ["a", 0.1],
        ["b", 10],
      ],
    );
  });

  it("knows what makers call their types", () => {
    const types = ["REAL", "WORD", "DINT", "s16", "Double", "ULINT"];
    const rows = types.map((type, index) => `t${index},input ${index * 4},${type}`);
    const tags = tagsOf(["name,at,type", ...rows].join("\n"));
    assert.deepEqual(
      [...tags.values()].map(({ type }) => type),
      ["float32", "uint16", "int32", "int16", "float64", "uint64"],
    );
  });

  it("makes names of what stands there, and keeps the original as title", () => {
    const tags = tagsOf('name,at\n"Motor temp. (left)",input 0\n');
    assert.equal(tags.get("motorTempLeft")?.title, "Motor temp. (left)");
  });

  it("never reads back what can only be written", () => {
    const write = tagsOf("name,at,access\nx,holding 0,wo\n").get("x");
    assert.deepEqual([write?.scanClass, write?.write?.verify], ["onDemand", { by: "echo" }]);
  });

  it("is refused with every mistake and its line", () => {
    const csv = `name,at,type,scale,access
a,input 0,float33,,
b,input 1,,0,
c,input 2,,ten,
"d
d",input 3,,,
a,input 4,,,
,input 5,,,
e,input 6,,,sometimes
f,input 7,,,,,too many
g,coil 1,float32,,
h,input 20,uint32,,
i,input 21,,,
j,input 30,,,rw
`;
    assert.deepEqual(
      issuesOf(csv).map((issue) => issue.split("\n")[0]),
      [
        'list.csv:2:1  tag a: unknown type "float33"',
        "list.csv:3:1  tag b: scale: 0 would make every value the same",
        'list.csv:4:1  tag c: scale: expected a number, got text "ten"',
        "list.csv:7:1  tag a was listed before",
        "list.csv:8:1  the name is missing",
        'list.csv:9:1  "sometimes" is no access; write r, rw or w',
        "list.csv:10:1  there are more cells than columns",
        "list.csv:11:1  tag g: a coil holds a bool, not a float32",
        "list.csv:13:1  tag i: input 21 cuts into tag h (input 20); mend the address, or add overlay: true where it is meant",
        "list.csv:14:1  tag j: input 30 can only be read; writable tables are coil and holding",
      ],
    );
  });

  it("tells every mistake of a row, whatever else is wrong with it", () => {
    const csv = `name,address,table,type,scale,access
a,99999,holdng,uintx,zero,q
a,1,holding,uinty,2,r
,2,holding,uinty,2,r
`;
    assert.deepEqual(
      issuesOf(csv).map((issue) => issue.split("\n")[0]),
      [
        'list.csv:2:1  "holdng" is no table; write coil, discrete, input, holding',
        'list.csv:2:1  "q" is no access; write r, rw or w',
        'list.csv:2:1  tag a: scale: expected a number, got text "zero"',
        'list.csv:2:1  tag a: unknown type "uintx"',
        "list.csv:3:1  tag a was listed before",
        'list.csv:3:1  tag a: unknown type "uinty"',
        'list.csv:4:1  tag nameless: unknown type "uinty"',
        "list.csv:4:1  the name is missing",
      ],
    );
  });

  it("needs columns that are known, a name and a place among them", () => {
    assert.deepEqual(
      issuesOf("nmae,adress,name\n1,2,3\n").map((issue) => issue.split(/;|\n/)[0]),
      [
        "list.csv:1:1  there is neither a column at nor a column address",
        'list.csv:1:1  unknown column "adress"',
        'list.csv:1:1  unknown column "nmae"',
        'list.csv:2:1  "" is no address',
      ],
    );
  });

  it("has rows", () => {
    for (const csv of ["", "name,at\n", "\n\n"]) assert.match(issuesOf(csv)[0] ?? "", /the list has no rows/);
  });

  it("is told as no CSV where a quote is never closed", () => {
    assert.match(issuesOf('name,at\n"x,input 0\n')[0] ?? "", /^list\.csv:\d+:1 {2}no valid CSV: Quote Not Closed/);
  });
});
