import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { loadSettings } from "../../src/config/settings/settings.ts";
import { peer } from "../support/processes/peers.ts";
import { runProgram } from "../support/processes/program.ts";
import { Site } from "../support/processes/takt.ts";

const DEPLOY = new URL("../../deploy/", import.meta.url);
const deployed = (file: string): Promise<string> => readFile(new URL(file, DEPLOY), "utf8");

describe("the files of a service", () => {
  let site: Site;
  before(async () => (site = await Site.create({})));
  after(() => site.dispose());

  describe("for systemd", () => {
    before(peer("systemd"));

    const verified = async (unit: string): Promise<string> => {
      await site.write("takt.service", unit);
      const { out, err } = await runProgram("systemd-analyze", ["verify", site.path("takt.service")]);
      return out + err;
    };

    it("are a unit that it understands", async () => {
      const unit = await deployed("takt.service");
      assert.equal(await verified(unit), "");
      assert.match(await verified(unit.replace("WatchdogSec=", "WatchdogSecs=")), /WatchdogSecs/);
    });
  });

  it("permit the priority that takt asks for, and nothing against it", async () => {
    const unit = await deployed("takt.service");
    assert.match(unit, /^LimitRTPRIO=10$/m);
    assert.doesNotMatch(unit, /^(RestrictRealtime|MemoryDenyWriteExecute|CPUSchedulingPolicy)=/m);
  });

  it("name settings that there are", async () => {
    const lines = (await deployed("takt.env")).match(/^#?TAKT_.*$/gm) ?? [];
    assert.ok(lines.length > 2);
    const env = Object.fromEntries(lines.map((line) => line.replace("#", "").split("=") as [string, string]));
    const settings = loadSettings({ env, hostname: "gateway" });
    assert.ok(settings.ok, JSON.stringify(settings));
  });
});
