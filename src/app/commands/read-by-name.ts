import { formatIssues } from "../../config/source/config-issue.ts";
import { loadPlant } from "../../config/plant/load-plant.ts";
import { didYouMean } from "../../device/did-you-mean.ts";
import { formatLocation } from "../../device/location.ts";
import type { Device } from "../../device/profile.ts";
import type { Tag } from "../../device/tag.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { systemClock } from "../../kit/system-clock.ts";
import type { Ms } from "../../kit/time.ts";
import { type Access, exitCodeOf } from "../access/access.ts";
import { failureJson, failureText, headLines } from "../access/access-report.ts";
import { withAccess } from "../access/command-access.ts";
import { parseSpan } from "../access/parse-number.ts";
import { formatTarget, type Target } from "../access/target.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";
import { chosenTags, readTags, tagsJson, tagsText } from "../read/read-tags.ts";
import { timeMark, untilInterrupted } from "../read/repeat.ts";
import type { Terminal } from "../process/terminal.ts";

export interface ReadTagsOptions {
  /** The plant file. */
  readonly plant: string;
  readonly repeat?: string | undefined;
  readonly timeout?: string | undefined;
  readonly direct: boolean;
  readonly json: boolean;
}

interface TagsOrder {
  readonly device: Device;
  readonly tags: readonly Tag[];
  readonly target: Target;
  readonly timeout: Ms;
  readonly repeat: Ms | undefined;
}

/** `takt read --plant`: tags of a device by name, with their values as the plant sees them. */
export async function readByName(
  device: string,
  tags: readonly string[],
  options: ReadTagsOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const order = parseOrder(device, tags, options);
  if (!order.ok) {
    terminal.err(order.failure);
    return EXIT.invalid;
  }
  const how = { ...options, terminal };
  return withAccess(order.value.target, how, (access) => {
    const once = (): Promise<ExitCode> => readOnce(order.value, access, how);
    return order.value.repeat === undefined ? once() : untilInterrupted(once, order.value.repeat, systemClock);
  });
}

function parseOrder(name: string, names: readonly string[], options: ReadTagsOptions): Result<TagsOrder, string> {
  const plant = loadPlant(options.plant);
  if (!plant.ok) return err(formatIssues(plant.failure));
  const device = plant.value.devices.get(name);
  const line = device && plant.value.lines.get(device.line);
  if (!device || !line) {
    return err(
      `plant ${plant.value.name} has no device "${name}"; ${didYouMean(name, [...plant.value.devices.keys()])}`,
    );
  }
  const tags = chosenTags(device, names);
  if (!tags.ok) return tags;
  const timeout =
    options.timeout === undefined ? ok(device.timing.responseTimeout) : parseSpan("--timeout", options.timeout);
  if (!timeout.ok) return timeout;
  const repeat = options.repeat === undefined ? ok(undefined) : parseSpan("--repeat", options.repeat);
  if (!repeat.ok) return repeat;
  return ok({ device, tags: tags.value, target: line, timeout: timeout.value, repeat: repeat.value });
}

async function readOnce(
  { device, tags, target, timeout, repeat }: TagsOrder,
  access: Access,
  { json, terminal }: { readonly json: boolean; readonly terminal: Terminal },
): Promise<ExitCode> {
  const mark = timeMark(repeat, systemClock.wall());
  const read = await readTags(access, { unit: device.unit, tags, timeout });
  const { name, unit, profile } = device;
  const at = formatTarget(target);
  if (!read.ok) {
    const { tag, failure } = read.failure;
    const asked = { target: at, unit, writing: false, range: `${name}.${tag.name} (${formatLocation(tag.at)})` };
    if (json) terminal.out(JSON.stringify(failureJson(failure, asked)));
    else terminal.err(headLines(`${mark}${failureText(failure, asked)}`, undefined, access));
    return exitCodeOf(failure);
  }
  if (json) {
    const { through } = access;
    terminal.out(
      JSON.stringify({ device: name, profile: profile.name, target: at, unit, through, tags: tagsJson(read.value) }),
    );
  } else {
    const head = headLines(`${mark}${name} (${profile.name}), unit ${unit} at ${at}`, undefined, access);
    terminal.out(`${head}\n\n${tagsText(read.value)}${mark === "" ? "" : "\n"}`);
  }
  return EXIT.done;
}
