import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import protobuf from "protobufjs";
import { file_payload } from "../../../../src/mqtt/sparkplug/payload_pb.ts";

const PROTO = fileURLToPath(new URL("../../../../src/mqtt/sparkplug/payload.proto", import.meta.url));

/** `seq 3 uint64`, `metrics 2 Metric repeated`, `int_value 10 uint32 in value` */
function generated(message: DescMessage): readonly string[] {
  return message.fields.map((field) =>
    line(field.name, field.number, typeOf(field), field.fieldKind === "list", field.oneof?.name),
  );
}

function typeOf(field: DescField): string {
  return field.message?.name ?? (field.scalar === undefined ? "" : ScalarType[field.scalar].toLowerCase());
}

function parsed(message: protobuf.Type): readonly string[] {
  return message.fieldsArray.map((field) => {
    const oneof = field.partOf?.name.startsWith("_") === true ? undefined : field.partOf?.name;
    return line(field.name, field.id, field.type, field.repeated, oneof);
  });
}

function line(name: string, number: number, type: string, repeated: boolean, oneof: string | undefined): string {
  return [name, number, type, ...(repeated ? ["repeated"] : []), ...(oneof ? [`in ${oneof}`] : [])].join(" ");
}

describe("payload.proto", () => {
  it("is what payload_pb.ts was generated from, every message and field", async () => {
    const root = await new protobuf.Root().load(PROTO, { keepCase: true });
    const namespace = root.lookup("takt.sparkplug");
    assert.ok(namespace instanceof protobuf.Namespace);
    const declared = namespace.nestedArray.filter((each) => each instanceof protobuf.Type);
    assert.deepEqual(
      file_payload.messages.map((message) => [message.name, generated(message)]),
      declared.map((message) => [message.name, parsed(message)]),
    );
  });
});
