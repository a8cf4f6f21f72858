import assert from "node:assert/strict";
import { Signal } from "../../../src/kit/signal.ts";

describe("signal", () => {
  it("calls its listeners in the order they came", () => {
    const heard: string[] = [];
    const signal = new Signal<number>();
    signal.on((event) => heard.push(`a${event}`));
    signal.on((event) => heard.push(`b${event}`));
    signal.emit(1);
    assert.deepEqual(heard, ["a1", "b1"]);
  });

  it("leaves alone who has stopped listening, even during the same event", () => {
    const heard: string[] = [];
    const signal = new Signal<number>();
    signal.on(() => stopB());
    const stopB = signal.on(() => heard.push("b"));
    signal.emit(1);
    assert.deepEqual(heard, []);
  });

  it("tells a listener that comes during an event of the next one only", () => {
    const heard: number[] = [];
    const signal = new Signal<number>();
    const stop = signal.on(() => {
      stop();
      signal.on((event) => heard.push(event));
    });
    signal.emit(1);
    signal.emit(2);
    assert.deepEqual(heard, [2]);
  });
});
