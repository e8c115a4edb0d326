import { type FormEvent, useState } from "react";
import { post, put, remove } from "../api";
import { useAction } from "../asked";
import { Problem } from "../problem";
import type { Officer } from "../types";
import { type OfficerLink, ROLES } from "./types";

/** An officer's name, precinct and numbers; their own link; on and off duty by hand. */
export function OfficerForm({ officer, onDone }: { officer: Officer | null; onDone: () => void }) {
  const [link, setLink] = useState("");
  const { busy, problem, run } = useAction(onDone);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget);
    const of = (name: string) => String(typed.get(name) ?? "").trim();
    run(() =>
      put(`officers/${encodeURIComponent(officer?.id ?? of("id"))}`, {
        name: of("name"),
        precinct: of("precinct"),
        role: of("role"),
        language: of("language") || null,
        numbers: of("numbers")
          .split(/[;,\n]/)
          .map((number) => number.trim())
          .filter(Boolean),
      }),
    );
  };
  const path = officer && `officers/${encodeURIComponent(officer.id)}`;
  return (
    <form className="controls" onSubmit={submit} aria-label={officer ? `Officer ${officer.id}` : "New officer"}>
      {!officer && (
        <label className="field">
          Id
          <input name="id" className="narrow" required pattern="[A-Za-z_][A-Za-z0-9_]{0,31}" />
        </label>
      )}
      <label className="field">
        Name
        <input name="name" required maxLength={64} defaultValue={officer?.name} />
      </label>
      <label className="field">
        Precinct
        <input name="precinct" className="narrow" required defaultValue={officer?.precinct} />
      </label>
      <label className="field">
        Role
        <select name="role" defaultValue={officer?.duty ?? "duty"}>
          {ROLES.map((role) => (
            <option key={role}>{role}</option>
          ))}
        </select>
      </label>
      <label className="field">
        Language
        <select name="language" defaultValue={officer?.language ?? ""}>
          <option value="">the line's</option>
          <option value="en">English</option>
          <option value="ko">Korean</option>
          <option value="zh">Chinese</option>
        </select>
      </label>
      <label className="field">
        Numbers, in the order of ringing, by ; apart
        <input name="numbers" required defaultValue={officer?.numbers?.join("; ") ?? ""} />
      </label>
      <button type="submit" disabled={busy}>
        Save
      </button>
      {path && (
        <>
          <button
            type="button"
            className="plain"
            disabled={busy}
            onClick={() => run(() => post(`${path}/duty`, { on: !officer.on_duty }))}
          >
            {officer.on_duty ? "Put off duty" : "Put on duty"}
          </button>
          <button
            type="button"
            className="plain"
            disabled={busy}
            onClick={() =>
              run(() =>
                post<OfficerLink>(`${path}/link`).then((made) => setLink(location.origin + made.path)),
              )
            }
          >
            New own link
          </button>
          <button
            type="button"
            className="plain"
            disabled={busy}
            onClick={() => {
              if (window.confirm(`Take officer ${officer.id} out, with their shifts?`)) run(() => remove(path));
            }}
          >
            Take out
          </button>
        </>
      )}
      {link && (
        <p role="status">
          The officer opens this link on their phone; it is shown this once, and the one before has
          ended: <code>{link}</code>
        </p>
      )}
      <Problem problem={problem} />
    </form>
  );
}
