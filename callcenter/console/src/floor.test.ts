import { describe, expect, it } from "vitest";
import { emptyFloor, inOrder, reduce, withItsSeat, type Floor } from "./floor";
import type { Call, CallState, CallSummary, LiveMessage, Segment } from "./types";

function summary(id: string, state: CallState, arrivedAt: string, more = {}): CallSummary {
  return {
    id,
    line: "110",
    from: "2125550100",
    queue: "emergency",
    state,
    arrived_at: arrivedAt,
    wait_ms: 0,
    answered_at: null,
    seat: null,
    officer: null,
    officer_state: null,
    language: "en",
    category: null,
    level: null,
    place_text: null,
    precinct: null,
    ...more,
  };
}

function detail(id: string, more = {}): Call {
  return {
    ...summary(id, "talking", "2024-05-01T10:00:00.000Z"),
    legs: [],
    timeline: [],
    incident: null,
    recordings: [],
    speech: { available: true, why: "" },
    ...more,
  };
}

function segment(id: string, text: string, final: boolean, start_ms = 0): Segment {
  return {
    id,
    leg: "1.1",
    role: "caller",
    party: "2125550100",
    start_ms,
    end_ms: start_ms + 500,
    text,
    final,
    confidence: null,
    engine: "vosk",
    model: "small",
  };
}

const said = (part: Segment, callId = "1.0"): LiveMessage => ({
  type: "segment",
  call_id: callId,
  segment: part,
});

function after(floor: Floor, ...messages: LiveMessage[]): Floor {
  return messages.reduce((now, message) => reduce(now, { type: "message", message }), floor);
}

const following = reduce(emptyFloor, { type: "followed", callId: "1.0" });
const opened = after(following, { type: "call_detail", call: detail("1.0") });

describe("order of the list", () => {
  it("puts waiting callers on top, the longest waiting first, and closed calls last", () => {
    const calls = [
      summary("closed-old", "closed", "2024-05-01T09:00:00Z"),
      summary("talks", "talking", "2024-05-01T09:30:00Z"),
      summary("waits-short", "waiting", "2024-05-01T10:00:05Z"),
      summary("rings-long", "offered", "2024-05-01T10:00:00Z"),
      summary("closed-new", "closed", "2024-05-01T09:20:00Z"),
      summary("comes", "arrived", "2024-05-01T10:00:09Z"),
    ];
    expect(inOrder(Object.fromEntries(calls.map((call) => [call.id, call]))).map((c) => c.id)).toEqual([
      "rings-long",
      "waits-short",
      "comes",
      "talks",
      "closed-new",
      "closed-old",
    ]);
  });

  it("compares moments, not the letters that they are written with", () => {
    const calls = {
      later: summary("later", "waiting", "2024-05-01T10:00:00.500Z"),
      sooner: summary("sooner", "waiting", "2024-05-01T10:00:00+00:00"),
    };
    expect(inOrder(calls)[0]?.id).toBe("sooner");
  });
});

describe("a call that is offered", () => {
  const seat = { id: "s01", name: "", queues: [], skills: [], phone: "s01", state: "offered", reason: null, call_id: "1.0", since: "", until: null };

  it("is known to ring at the seat that has it", () => {
    const call = summary("1.0", "offered", "2024-05-01T10:00:00Z");
    expect(withItsSeat(call, { s01: seat }).seat).toBe("s01");
    expect(withItsSeat(call, { s01: { ...seat, call_id: null } }).seat).toBeNull();
  });
});

describe("the floor", () => {
  it("is what hello says, and nothing of before", () => {
    const before = after(emptyFloor, { type: "call", call: summary("gone", "waiting", "2024-05-01T10:00:00Z") });
    const now = after(before, {
      type: "hello",
      calls: [summary("1.0", "waiting", "2024-05-01T10:00:00Z")],
      seats: [],
      speech: { available: false, why: "no model" },
    });
    expect(Object.keys(now.calls)).toEqual(["1.0"]);
    expect(now.speech?.why).toBe("no model");
  });

  it("keeps only the newest closed calls, and every open one", () => {
    const closed = Array.from({ length: 60 }, (_, n) =>
      summary(`closed-${n}`, "closed", new Date(Date.UTC(2024, 4, 1, 10, n)).toISOString()),
    );
    const open = summary("open", "waiting", "2024-05-01T08:00:00Z");
    const now = after(emptyFloor, ...[open, ...closed].map((call) => ({ type: "call", call }) as const));
    expect(Object.keys(now.calls)).toHaveLength(51);
    expect(now.calls.open).toBeDefined();
    expect(now.calls["closed-0"]).toBeUndefined();
    expect(now.calls["closed-59"]).toBeDefined();
  });

  it("ignores what a newer service says", () => {
    const news = { type: "weather", sunny: true } as unknown as LiveMessage;
    expect(after(opened, news)).toBe(opened);
    expect(after(opened, { type: "pong", ping: 1 })).toBe(opened);
  });
});

describe("the call that is open", () => {
  it("follows its summary without losing its details", () => {
    const call = detail("1.0", { timeline: [{ step: "ringing", ms: 0, budget_ms: null, late: false }] });
    const now = after(following, { type: "call_detail", call }, {
      type: "call",
      call: summary("1.0", "with_officer", "2024-05-01T10:00:00Z", { officer: "o14a" }),
    });
    expect(now.call?.officer).toBe("o14a");
    expect(now.call?.timeline).toHaveLength(1);
  });

  it("is not replaced by the details of another call", () => {
    expect(after(opened, { type: "call_detail", call: detail("2.0") }).call?.id).toBe("1.0");
  });

  it("leaves the screen together with its words when another one is opened", () => {
    const now = reduce(after(opened, said(segment("a", "help", true))), { type: "followed", callId: "2.0" });
    expect(now.call).toBeNull();
    expect(now.segments).toEqual({});
  });

  it("says why it cannot be shown", () => {
    const error = { code: "not_found", message: "there is no such call", next: "Choose another." };
    expect(after(following, { type: "error", error }).problem).toBe("there is no such call. Choose another.");
  });
});

describe("the transcript", () => {
  it("replaces words that were still being recognised", () => {
    const now = after(opened, said(segment("a", "hel", false)), said(segment("a", "help me", true)));
    expect(Object.values(now.segments).map((one) => one.text)).toEqual(["help me"]);
  });

  it("drops words that turned out to be nothing", () => {
    const now = after(opened, said(segment("a", "you", false)), said(segment("a", " ", true)));
    expect(now.segments).toEqual({});
  });

  it("takes no words of another call", () => {
    expect(after(opened, said(segment("a", "help", true), "2.0")).segments).toEqual({});
  });

  it("keeps what was said while what was said before is being read", () => {
    const live = after(following, said(segment("b", "with a gun", true, 900)));
    const now = reduce(live, {
      type: "transcript",
      callId: "1.0",
      segments: [segment("a", "a man", true)],
    });
    expect(Object.keys(now.segments).sort()).toEqual(["a", "b"]);
  });

  it("prefers finished words to unfinished ones, whichever came by which way", () => {
    const read = (floor: Floor, final: boolean, text: string) =>
      reduce(floor, { type: "transcript", callId: "1.0", segments: [segment("a", text, final)] });
    expect(read(after(opened, said(segment("a", "hel", false))), true, "help me").segments.a?.text).toBe("help me");
    expect(read(after(opened, said(segment("a", "help me", true))), false, "hel").segments.a?.text).toBe("help me");
  });

  it("lets go of unfinished words when the connection is lost", () => {
    const now = reduce(after(opened, said(segment("a", "hel", false)), said(segment("b", "help", true))), {
      type: "disconnected",
    });
    expect(Object.keys(now.segments)).toEqual(["b"]);
  });
});

describe("notices", () => {
  const notice = (kind: string, subject: string): LiveMessage => ({ type: "notice", kind, subject, text: kind });

  it("are dismissed one by one", () => {
    const two = after(emptyFloor, notice("late.answered", "1.0"), notice("ami.lost", ""));
    const first = two.notices[0];
    expect(first?.kind).toBe("ami.lost");
    const now = reduce(two, { type: "dismissed", id: first?.id ?? 0 });
    expect(now.notices.map((one) => one.kind)).toEqual(["late.answered"]);
  });

  it("go away by themselves when they are settled", () => {
    const told = after(emptyFloor, notice("late.answered", "1.0"), notice("late.answered", "2.0"));
    const subjects = (state: CallState) =>
      after(told, { type: "call", call: summary("1.0", state, "2024-05-01T10:00:00Z") }).notices.map(
        (one) => one.subject,
      );
    expect(subjects("waiting")).toEqual(["2.0", "1.0"]);
    expect(subjects("talking")).toEqual(["2.0"]);
    expect(subjects("closed")).toEqual(["2.0"]);
  });

  it("about the same thing are shown once, and few at a time", () => {
    const twice = after(emptyFloor, notice("late.answered", "1.0"), notice("late.answered", "1.0"));
    expect(twice.notices).toHaveLength(1);
    const later = after(twice, notice("late.officer_ringing", "1.0"));
    expect(later.notices.map((one) => one.kind)).toEqual(["late.officer_ringing"]);
    const many = after(emptyFloor, ...Array.from({ length: 9 }, (_, n) => notice("late.answered", `${n}.0`)));
    expect(many.notices.map((one) => one.subject)).toEqual(["8.0", "7.0", "6.0", "5.0", "4.0"]);
  });
});
