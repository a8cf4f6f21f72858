import type { WriteStream } from "node:tty";
import type { Clock, Timer } from "../../kit/clock.ts";
import { ms } from "../../kit/time.ts";
import type { TableSize } from "./render-table.ts";

const REDRAW_EVERY = ms(250);

/** Redraws what `render` gives on a terminal's other screen, overwriting in place so that nothing flickers. */
export class LiveScreen {
  readonly #terminal: WriteStream;
  readonly #render: (size: TableSize) => readonly string[];
  readonly #timer: Timer;

  constructor(terminal: WriteStream, clock: Clock, render: (size: TableSize) => readonly string[]) {
    this.#terminal = terminal;
    this.#render = render;
    terminal.write("\x1b[?1049h\x1b[?25l\x1b[2J");
    this.#timer = clock.every("screen.redraw", REDRAW_EVERY, () => this.#draw());
    this.#draw();
  }

  /** Gives the terminal back as it was. */
  close(): void {
    this.#timer.cancel();
    this.#terminal.write("\x1b[?25h\x1b[?1049l");
  }

  #draw(): void {
    if (this.#terminal.writableNeedDrain) return;
    // Some terminals (a serial console) do not know their size and say 0.
    const { columns, rows } = this.#terminal;
    const lines = this.#render({ width: columns || 80, height: rows || 24, color: true });
    this.#terminal.write(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join("\r\n")}\x1b[J`);
  }
}
