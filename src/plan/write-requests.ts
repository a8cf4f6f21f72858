import { isBitTable } from "../device/location.ts";
import type { Device } from "../device/profile.ts";
import type { Tag } from "../device/tag.ts";
import { tagSpan } from "../device/tag-span.ts";
import type { Request } from "../modbus/request.ts";

/**
 * The requests that one write of a tag takes, as the scan sends them: what is fetched to be merged, the write, and what is
 * read back. Their values are zeros: only their lengths count here.
 */
export function writeRequests(tag: Tag, device: Device): readonly Request[] {
  if (tag.write?.readWrite === true) return [writeAndRead(tag)];
  const readback = tag.write?.verify.by === "readback" ? [readTag(tag)] : [];
  return [...(isBitTable(tag.at.table) ? [writeCoils(tag, device)] : writeRegisters(tag, device)), ...readback];
}

function writeAndRead(tag: Tag): Request {
  const { address } = tag.at;
  const quantity = tagSpan(tag);
  return { fc: 23, address, quantity, writeAddress: address, values: Array.from({ length: quantity }, () => 0) };
}

function readTag(tag: Tag): Request {
  return { fc: tag.at.table === "coil" ? 1 : 3, address: tag.at.address, quantity: tagSpan(tag) };
}

function writeCoils(tag: Tag, { profile }: Device): Request {
  const { address } = tag.at;
  const span = tagSpan(tag);
  if (span === 1 && profile.functions.has(5)) return { fc: 5, address, value: false };
  return { fc: 15, address, values: Array.from({ length: span }, () => false) };
}

function writeRegisters(tag: Tag, device: Device): readonly Request[] {
  if (!tag.at.bits) return [writeWhole(tag, device)];
  if (device.profile.functions.has(22)) return [{ fc: 22, address: tag.at.address, and: 0, or: 0 }];
  return [readTag(tag), writeWhole(tag, device)];
}

function writeWhole(tag: Tag, { profile }: Device): Request {
  const { address } = tag.at;
  const span = tagSpan(tag);
  if (span === 1 && profile.functions.has(6)) return { fc: 6, address, value: 0 };
  return { fc: 16, address, values: Array.from({ length: span }, () => 0) };
}
