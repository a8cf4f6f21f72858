import { IDENTIFICATION, identificationObjects, MEI_DEVICE_IDENTIFICATION } from "./identification-layout.ts";

/** Whether a response answers exactly the request it claims to answer. */
export type AnswerCheck =
  | { readonly kind: "ok" }
  | { readonly kind: "exception"; readonly code: number }
  /** It answers another function than was asked. */
  | { readonly kind: "wrongFunction"; readonly code: number }
  /** Right function, wrong echo, count or layout. */
  | { readonly kind: "mismatch"; readonly reason: string };

const OK: AnswerCheck = { kind: "ok" };

/**
 * Compares a response with the request it is said to answer; both are PDUs, from the function code on, without unit and
 * check sum. The request is one of ours and well formed; the response may be anything.
 */
export function checkAnswer(request: Uint8Array, response: Uint8Array): AnswerCheck {
  const asked = byte(request, 0);
  const code = byte(response, 0);
  if (code === (asked | 0x80)) return checkException(response);
  if (response.length === 0 || code !== asked) return { kind: "wrongFunction", code };
  switch (asked) {
    case 1:
    case 2:
      return checkByteCount(response, Math.ceil(word(request, 3) / 8));
    case 3:
    case 4:
    case 23:
      return checkByteCount(response, 2 * word(request, 3));
    case 5:
    case 6:
      return checkEcho(request, response, "value");
    case 15:
    case 16:
      return checkEcho(request, response, "quantity");
    case 22:
      return checkMaskEcho(request, response);
    case 17:
      return checkServerId(response);
    case 43:
      return checkIdentification(request, response);
    default:
      return mismatch(`function ${asked} is not spoken here`);
  }
}

/** An exception is the function code with its top bit set and one code (7). */
function checkException(response: Uint8Array): AnswerCheck {
  const code = byte(response, 1);
  if (response.length !== 2) return mismatch(`exception of ${response.length} bytes instead of 2`);
  return code === 0 ? mismatch("exception without a code") : { kind: "exception", code };
}

function checkByteCount(response: Uint8Array, expected: number): AnswerCheck {
  if (byte(response, 1) !== expected) return mismatch(`byte count ${byte(response, 1)} instead of ${expected}`);
  return checkLength(response, 2 + expected);
}

function checkLength(response: Uint8Array, expected: number): AnswerCheck {
  return response.length === expected ? OK : mismatch(`${response.length} bytes instead of ${expected}`);
}

function checkEcho(request: Uint8Array, response: Uint8Array, second: string): AnswerCheck {
  if (response.length !== 5) return checkLength(response, 5);
  return checkField(request, response, 1, "address") ?? checkField(request, response, 3, second) ?? OK;
}

function checkMaskEcho(request: Uint8Array, response: Uint8Array): AnswerCheck {
  if (response.length !== 7) return checkLength(response, 7);
  return (
    checkField(request, response, 1, "address") ??
    checkField(request, response, 3, "and mask") ??
    checkField(request, response, 5, "or mask") ??
    OK
  );
}

function checkField(request: Uint8Array, response: Uint8Array, at: number, name: string): AnswerCheck | undefined {
  const sent = word(request, at);
  const echoed = word(response, at);
  return sent === echoed ? undefined : mismatch(`echo of ${name} ${echoed} instead of ${sent}`);
}

/** Byte count, server id, run indicator, and whatever the device adds (6.13). */
function checkServerId(response: Uint8Array): AnswerCheck {
  const count = byte(response, 1);
  if (count < 2) return mismatch(`byte count ${count} instead of at least 2`);
  return checkLength(response, 2 + count);
}

/**
 * The count may exceed the objects present: the specification's own example counts those of all parts (6.21). What
 * follows must lie ahead, so that following it comes to an end.
 */
function checkIdentification(request: Uint8Array, response: Uint8Array): AnswerCheck {
  const objects = identificationObjects(response);
  if (response.length < IDENTIFICATION.objects || !objects) return mismatch("objects do not fill the response");
  if (byte(response, IDENTIFICATION.mei) !== MEI_DEVICE_IDENTIFICATION) return mismatch("another MEI type");
  if (byte(response, IDENTIFICATION.category) !== byte(request, IDENTIFICATION.category))
    return mismatch("another category");
  if (byte(response, IDENTIFICATION.count) < objects.length) return mismatch("more objects than counted");
  return byte(request, IDENTIFICATION.category) === 4
    ? checkOneObject(objects, response, byte(request, 3))
    : checkContinuation(objects, response);
}

function checkOneObject(objects: readonly number[], response: Uint8Array, wanted: number): AnswerCheck {
  if (objects.length !== 1 || objects[0] !== wanted)
    return mismatch(`objects ${objects.join(", ")} instead of ${wanted}`);
  return byte(response, IDENTIFICATION.moreFollows) === 0 ? OK : mismatch("one object, and yet more follows");
}

function checkContinuation(objects: readonly number[], response: Uint8Array): AnswerCheck {
  const more = byte(response, IDENTIFICATION.moreFollows);
  if (more === 0) return OK;
  if (more !== 0xff) return mismatch(`"more follows" is ${more}`);
  const last = objects.at(-1);
  const next = byte(response, IDENTIFICATION.nextObject);
  return last !== undefined && next > last ? OK : mismatch(`object ${next} follows object ${last ?? "none"}`);
}

function mismatch(reason: string): AnswerCheck {
  return { kind: "mismatch", reason };
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function word(bytes: Uint8Array, at: number): number {
  return (byte(bytes, at) << 8) | byte(bytes, at + 1);
}
