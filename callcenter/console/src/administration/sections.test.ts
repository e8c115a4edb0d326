import { describe, expect, it } from "vitest";
import type { JsonObject } from "./document";
import { sectionOf, SECTIONS, stepsInWords } from "./sections";
import type { ChoiceSpec, FieldSpec, FlagSpec } from "./spec";

function field(name: string, within: readonly FieldSpec[] = SECTIONS.flatMap((one) => one.fields)): FieldSpec {
  for (const one of within) {
    if (one.name === name) return one;
    const inside = one.kind === "list" ? one.item : one.kind === "group" ? one.fields : [];
    const found = inside.length > 0 ? tried(name, inside) : null;
    if (found) return found;
  }
  throw new Error(`no field ${name}`);
}

function tried(name: string, within: readonly FieldSpec[]): FieldSpec | null {
  try {
    return field(name, within);
  } catch {
    return null;
  }
}

const after = (name: string, siblings: JsonObject) =>
  (field(name) as ChoiceSpec | FlagSpec).after?.(siblings);

describe("the forms", () => {
  it("know the section and the words of whatever the service names", () => {
    expect(sectionOf("queues.0.ring_s").part).toBe("queues");
    expect(sectionOf("time_zone").part).toBe("calendars");
    expect(sectionOf("service_level.targets[0].percent").part).toBe("timers");
    expect(sectionOf("").part).toBe("queues");
    expect(stepsInWords(["queues", "queues", "ring_s"])).toEqual(["Queues", "queues", "A phone rings"]);
    expect(stepsInWords(["seats", "s01", "queues"])[2]).toBe("Queues that it serves");
    expect(stepsInWords(["new_thing", "0"])).toEqual(["new thing", "0"]);
  });

  it("leave nothing behind that a choice has made senseless", () => {
    const rule = { when: "no_seat", to: "everybody", threshold: 30, target: "traffic" };
    expect(after("when", rule)).toMatchObject({ threshold: 0 });
    expect(after("to", rule)).toMatchObject({ target: "" });
    expect(after("required", { required: false, relax: [{ after_s: 9 }] })).toMatchObject({ relax: [] });
  });

  it("keep a queue's hours and its closed rules together", () => {
    expect(after("hours", { id: "q", hours: "days" })).toEqual({ id: "q", hours: "days", closed: {} });
    expect(after("hours", { id: "q", closed: { priority: 1 } })).toEqual({ id: "q" });
  });

  it("ask for a threshold in the unit of what it is compared with", () => {
    const overflow = field("overflow");
    const units = (when: string) =>
      (overflow.kind === "list" ? overflow.item : [])
        .filter((one) => one.name === "threshold" && one.when?.({ when }))
        .map((one) => (one.kind === "number" ? one.unit : ""));
    expect(units("waited_s")).toEqual(["s"]);
    expect(units("queue_length")).toEqual(["calls"]);
    expect(units("no_seat")).toEqual([]);
  });
});
