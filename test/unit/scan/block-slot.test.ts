import assert from "node:assert/strict";
import { tagTable } from "../../../src/device/tag-table.ts";
import { instant } from "../../../src/kit/time.ts";
import { formatBlock } from "../../../src/plan/read-block.ts";
import { readBlocks } from "../../../src/plan/read-blocks.ts";
import { BlockSlot } from "../../../src/scan/lines/block-slot.ts";
import { deviceLike } from "../../support/plants/scan-plant.ts";

function slotOf(): BlockSlot {
  const device = deviceLike("d", { tags: { a: { address: 0 }, b: { address: 1 }, c: { address: 2 } } });
  const [block] = readBlocks(device, tagTable([device]), { classes: ["normal"] });
  assert.ok(block);
  return new BlockSlot(block);
}

const show = (slot: BlockSlot): string => slot.parts.map(({ block }) => formatBlock(block)).join(", ");
const refused = (slot: BlockSlot): string => [...slot.refused].map(({ tag }) => tag.name).join(" ");

/** Refuses the part at this address, whatever its length. */
function refuse(slot: BlockSlot, address: number, at = 0): void {
  const part = slot.parts.find(({ block }) => block.address === address);
  assert.ok(part);
  slot.refuse(part, instant(at));
}

describe("a block's slot", () => {
  it("falls apart until the refused tag stands alone, and leaves it out", () => {
    const slot = slotOf();
    refuse(slot, 0);
    assert.equal(show(slot), "holding 0, holding 1..2");
    refuse(slot, 1);
    refuse(slot, 2);
    assert.equal(show(slot), "holding 0, holding 1");
    assert.equal(refused(slot), "c");
  });

  it("takes no answer and no refusal of a part it does not have any more", () => {
    const slot = slotOf();
    const [whole] = slot.parts;
    assert.ok(whole);
    refuse(slot, 0);
    assert.equal(slot.refuse(whole, instant(0)), undefined);
    assert.equal(slot.answered(whole), false);
    assert.equal(show(slot), "holding 0, holding 1..2");
  });

  it("asks for all again after 15 s, 30 s, …, and holds a tag for refused until it is answered", () => {
    const slot = slotOf();
    refuse(slot, 0, 1000);
    refuse(slot, 0, 1002);
    assert.equal(slot.retry(instant(15_999)), false);
    assert.equal(slot.retry(instant(16_000)), true);
    assert.deepEqual([show(slot), refused(slot)], ["holding 0..2", "a"]);
    refuse(slot, 0, 20_000);
    refuse(slot, 0, 20_002);
    assert.equal(slot.retry(instant(49_999)), false);
    assert.equal(slot.retry(instant(50_000)), true);
    const [whole] = slot.parts;
    assert.ok(whole && slot.answered(whole));
    assert.equal(refused(slot), "");
  });

  it("grows together again though no single tag was refused, after longer pauses while the whole is", () => {
    const slot = slotOf();
    refuse(slot, 0);
    for (const part of slot.parts) assert.ok(slot.answered(part));
    assert.equal(slot.retry(instant(15_000)), true);
    refuse(slot, 0, 15_000);
    for (const part of slot.parts) assert.ok(slot.answered(part));
    assert.equal(slot.retry(instant(44_999)), false);
    assert.equal(slot.retry(instant(45_000)), true);
    const [whole] = slot.parts;
    assert.ok(whole && slot.answered(whole));
    refuse(slot, 0, 50_000);
    assert.equal(slot.retry(instant(65_000)), true);
  });

  it("keeps what is under way when it forgets and nothing was refused", () => {
    const slot = slotOf();
    const [whole] = slot.parts;
    slot.reset();
    assert.equal(slot.parts[0], whole);
    refuse(slot, 0);
    slot.reset();
    assert.equal(show(slot), "holding 0..2");
  });

  it("has something to ask for though all of it is refused", () => {
    const slot = slotOf();
    refuse(slot, 0);
    for (const address of [0, 1, 1, 2]) refuse(slot, address);
    assert.equal(show(slot), "");
    assert.equal(formatBlock(slot.presence.block), "holding 0..2");
  });
});
