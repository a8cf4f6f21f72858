import { readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SerialAdapter } from "../../config/plant/plant.ts";

/** Where Linux lists its terminals; each links to the device behind it. */
const TERMINALS = "/sys/class/tty";

/**
 * The path of the port that `adapter` means. USB adapters are looked up in the kernel's own list, without udev: their
 * number changes when they are plugged in again. Rejects when there is none, or more than one.
 */
export async function adapterPath(adapter: SerialAdapter, terminals: string = TERMINALS): Promise<string> {
  if ("path" in adapter) return adapter.path;
  const found = await usbAdapters(terminals);
  const fitting = found.filter((usb) => fits(usb, adapter));
  const [only] = fitting;
  if (only && fitting.length === 1) return `/dev/${only.terminal}`;
  const wanted = [adapter.vendor, adapter.product, adapter.serialNumber].filter(Boolean).join(":");
  const which = (fitting.length > 0 ? fitting : found).map(describe).join(", ");
  if (only) throw new Error(`several adapters ${wanted}: ${which}; say serialNumber`);
  throw new Error(`no adapter ${wanted} (${which === "" ? "no USB adapter at all" : `there: ${which}`})`);
}

interface UsbAdapter {
  /** `ttyUSB0` */
  readonly terminal: string;
  readonly vendor: string;
  readonly product: string;
  readonly serialNumber: string | undefined;
}

type WantedAdapter = Extract<SerialAdapter, { readonly vendor: string }>;

function fits(usb: UsbAdapter, { vendor, product, serialNumber }: WantedAdapter): boolean {
  if (usb.vendor !== vendor.toLowerCase() || usb.product !== product.toLowerCase()) return false;
  return serialNumber === undefined || serialNumber === usb.serialNumber;
}

function describe({ terminal, vendor, product, serialNumber }: UsbAdapter): string {
  return `${terminal} ${vendor}:${product}${serialNumber === undefined ? "" : `:${serialNumber}`}`;
}

async function usbAdapters(terminals: string): Promise<UsbAdapter[]> {
  const names = await readdir(terminals).catch(() => []);
  const found = await Promise.all(names.sort().map((name) => usbAdapter(terminals, name)));
  return found.filter((adapter) => adapter !== undefined);
}

/** The USB device is some folders above the terminal's: an interface or a port lies between. */
async function usbAdapter(terminals: string, terminal: string): Promise<UsbAdapter | undefined> {
  let folder = await realpath(join(terminals, terminal, "device")).catch(() => undefined);
  for (let up = 0; folder !== undefined && up < MOST_FOLDERS_UP; up++, folder = dirname(folder)) {
    const vendor = await word(folder, "idVendor");
    const product = await word(folder, "idProduct");
    if (vendor !== undefined && product !== undefined)
      return { terminal, vendor, product, serialNumber: await word(folder, "serial") };
  }
  return undefined;
}

const MOST_FOLDERS_UP = 4;

function word(folder: string, name: string): Promise<string | undefined> {
  return readFile(join(folder, name), "utf8").then(
    (text) => text.trim(),
    () => undefined,
  );
}
