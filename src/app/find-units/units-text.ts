import { toHex } from "../../kit/bytes.ts";
import { exceptionName } from "../../modbus/exception.ts";
import { columns } from "../read/columns.ts";
import type { FoundUnit } from "./find-units.ts";
import { type Identity, OBJECT_NAMES } from "./identify.ts";

/** The units found, one a row. */
export function unitsText(found: readonly FoundUnit[]): string {
  const rows = found.map((unit) => [String(unit.unit), answerText(unit), identityText(unit.identity)]);
  return columns([["unit", "answer", "identification"], ...rows], ["right", "left", "left"], "  ");
}

/** Something odd about the whole; undefined where there is nothing to say. */
export function unitsNote(found: readonly FoundUnit[], asked: number): string | undefined {
  if (asked < 3 || found.length < asked) return undefined;
  return "every unit answered: this looks like one device that answers to any unit";
}

export function unitJson({ unit, took, exception, identity }: FoundUnit): unknown {
  const named = [...identity.objects].map(([id, text]) => [OBJECT_NAMES.get(id) ?? `object${id}`, text] as const);
  const { serverId } = identity;
  return {
    unit,
    ms: exception === undefined ? took : undefined,
    exception: exception === undefined ? undefined : exceptionName(exception),
    identification: named.length > 0 ? Object.fromEntries(named) : undefined,
    serverId: serverId && { id: serverId.id, running: serverId.running, data: toHex(serverId.data) },
  };
}

function answerText({ took, exception }: FoundUnit): string {
  return exception === undefined ? `${took.toFixed(1)} ms` : `exception ${exceptionName(exception)}`;
}

function identityText({ objects, serverId }: Identity): string {
  const texts = [...new Set([...objects.values()].map(clean))].filter((text) => text !== "");
  if (texts.length > 0) return texts.join(", ");
  if (!serverId) return "none given";
  const { id, running, data } = serverId;
  // How long the id is, and so where the run status stands, is up to the device (V1.1b3, 6.13): only a clear "on" is told.
  const text = clean(Buffer.from(data).toString("latin1")).replaceAll(/[^ -~]/g, "");
  return [`server id ${id}`, running ? "running" : "", text].filter((text) => text !== "").join(", ");
}

/** A device may send anything: nothing of it may move the cursor. */
function clean(text: string): string {
  return text.replaceAll(/[^\x20-\x7e\xa0-\xff]/g, ".").trim();
}
