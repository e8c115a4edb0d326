import { useEffect, useId, useState, type ReactNode } from "react";
import {
  isObject,
  placeOf,
  reasonsAt,
  reasonsIn,
  valueAt,
  withValue,
  type Json,
  type JsonObject,
  type Path,
} from "./document";
import { useEditing, useValue } from "./editing";
import { GroupField, ListField } from "./nested-fields";
import { numberAsText, numberFromText } from "./numbers";
import { LevelsField, WordsField } from "./word-fields";
import type {
  Choice,
  ChoiceSpec,
  FieldSpec,
  FlagSpec,
  IdsSpec,
  NumberSpec,
  TextSpec,
} from "./spec";

/** All fields of a form that are to be shown, in their order. */
export function Fields({ fields, path }: { fields: readonly FieldSpec[]; path: Path }) {
  const { document } = useEditing();
  const around = valueAt(document, path);
  const siblings = isObject(around) ? around : {};
  return (
    <div className="fields">
      {fields
        .filter((field) => field.when?.(siblings) ?? true)
        .map((field) => (
          <Field key={field.name} field={field} path={[...path, field.name]} />
        ))}
    </div>
  );
}

function Field({ field, path }: { field: FieldSpec; path: Path }) {
  switch (field.kind) {
    case "text":
      return <TextField field={field} path={path} />;
    case "number":
      return <NumberField field={field} path={path} />;
    case "flag":
      return <FlagField field={field} path={path} />;
    case "choice":
      return <ChoiceField field={field} path={path} />;
    case "ids":
      return <IdsField field={field} path={path} />;
    case "levels":
      return <LevelsField field={field} path={path} />;
    case "words":
      return <WordsField field={field} path={path} />;
    case "list":
      return <ListField field={field} path={path} />;
    case "group":
      return <GroupField field={field} path={path} />;
  }
}

/** Why the service refuses what stands here (or `inside`, where that has no field of its own). */
export function Reasons({ path, inside = false }: { path: Path; inside?: boolean }) {
  const { problems } = useEditing();
  const reasons = inside ? reasonsIn(problems, path) : reasonsAt(problems, path);
  if (reasons.length === 0) return null;
  return <span className="bad reason">{reasons.join("; ")}</span>;
}

/** A field with its label above, its hint and what is wrong with it below. */
function Labelled({
  field,
  path,
  children,
}: {
  field: FieldSpec;
  path: Path;
  children: (ids: { id: string; "aria-describedby": string; "aria-invalid": boolean }) => ReactNode;
}) {
  const id = useId();
  const { problems } = useEditing();
  const wrong = reasonsAt(problems, path).length > 0;
  return (
    <div className={`field${wrong ? " wrong" : ""}`} data-place={placeOf(path)}>
      <label htmlFor={id}>{field.label}</label>
      {children({ id, "aria-describedby": `${id}-more`, "aria-invalid": wrong })}
      <span id={`${id}-more`} className="more">
        <Reasons path={path} />
        {field.hint && <small>{field.hint}</small>}
      </span>
    </div>
  );
}

function TextField({ field, path }: { field: TextSpec; path: Path }) {
  const [value, change] = useValue(path);
  return (
    <Labelled field={field} path={path}>
      {(ids) => (
        <>
        <input
          {...ids}
          type={field.type ?? "text"}
          className={field.width}
          {...(field.suggest ? { list: `${ids.id}-list` } : {})}
          value={typeof value === "string" ? value : ""}
          maxLength={500}
          onChange={(event) =>
            change(field.optional && event.target.value === "" ? undefined : event.target.value)
          }
        />
        <Suggestions id={`${ids.id}-list`} kind={field.suggest} />
        </>
      )}
    </Labelled>
  );
}

/** What there is of a kind, for a field that takes other texts too. */
export function Suggestions({ id, kind }: { id: string; kind: string | undefined }) {
  const { choices } = useEditing();
  if (!kind) return null;
  return (
    <datalist id={id}>
      {(choices[kind] ?? []).map((one) => (
        <option key={one} value={one} />
      ))}
    </datalist>
  );
}

function NumberField({ field, path }: { field: NumberSpec; path: Path }) {
  return (
    <Labelled field={field} path={path}>
      {(ids) => (
        <span className="with-unit">
          <NumberInput
            {...ids}
            path={path}
            optional={field.optional ?? false}
            times={field.times ?? 1}
          />
          {field.unit && <span className="unit">{field.unit}</span>}
        </span>
      )}
    </Labelled>
  );
}

/** Keeps what is being typed; what is no number is sent as it stands, and refused with a reason. */
export function NumberInput({
  path,
  optional = false,
  times = 1,
  ...attributes
}: { path: Path; optional?: boolean; times?: number } & Record<string, unknown>) {
  const [value, change] = useValue(path);
  const [typed, setTyped] = useState(() => numberAsText(value, times));
  useEffect(() => {
    setTyped((before) =>
      numberFromText(before, optional, times) === value ? before : numberAsText(value, times),
    );
  }, [value, optional, times]);
  return (
    <input
      {...attributes}
      inputMode="decimal"
      className="narrow"
      value={typed}
      onChange={(event) => {
        setTyped(event.target.value);
        change(numberFromText(event.target.value, optional, times));
      }}
    />
  );
}

/** Sets a value, and with it what follows from it among its siblings. */
function useChoice(path: Path, after?: (siblings: JsonObject) => JsonObject) {
  const { document, change } = useEditing();
  return (next: Json | undefined) => {
    const around = valueAt(withValue(document, path, next), path.slice(0, -1));
    if (after && isObject(around)) change(path.slice(0, -1), after(around));
    else change(path, next);
  };
}

function FlagField({ field, path }: { field: FlagSpec; path: Path }) {
  const [value] = useValue(path);
  const set = useChoice(path, field.after);
  const id = useId();
  return (
    <div className="field flag" data-place={placeOf(path)}>
      <label>
        <input
          type="checkbox"
          checked={value === true}
          aria-describedby={id}
          onChange={(event) => set(event.target.checked)}
        />{" "}
        {field.label}
      </label>
      <span id={id} className="more">
        <Reasons path={path} />
        {field.hint && <small>{field.hint}</small>}
      </span>
    </div>
  );
}

function choicesOf(field: ChoiceSpec, document: Json): readonly Choice[] {
  return typeof field.choices === "function" ? field.choices(document) : field.choices;
}

function ChoiceField({ field, path }: { field: ChoiceSpec; path: Path }) {
  const { document } = useEditing();
  const [value] = useValue(path);
  const choose = useChoice(path, field.after);
  const chosen = typeof value === "string" ? value : "";
  const choices = choicesOf(field, document);
  const known = chosen === "" || choices.some(([one]) => one === chosen);
  return (
    <Labelled field={field} path={path}>
      {(ids) => (
        <select
          {...ids}
          value={chosen}
          onChange={(event) => choose(event.target.value || undefined)}
        >
          {(field.none !== undefined || chosen === "") && (
            <option value="">{field.none ?? "choose …"}</option>
          )}
          {!known && <option value={chosen}>{chosen} (not there any more)</option>}
          {choices.map(([one, label]) => (
            <option key={one} value={one}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

function IdsField({ field, path }: { field: IdsSpec; path: Path }) {
  const { document } = useEditing();
  const [value, change] = useValue(path);
  const chosen = Array.isArray(value) ? value.map(String) : [];
  const options = field.options(document);
  const gone = chosen.filter((one) => !options.some(([id]) => id === one));
  const all: readonly Choice[] = [...options, ...gone.map((id) => [id, `${id} (not there any more)`] as const)];
  return (
    <fieldset className="field ids" data-place={placeOf(path)}>
      <legend>{field.label}</legend>
      <span className="group">
        {all.map(([id, label]) => (
          <label key={id}>
            <input
              type="checkbox"
              checked={chosen.includes(id)}
              onChange={(event) =>
                change(
                  event.target.checked ? [...chosen, id] : chosen.filter((one) => one !== id),
                )
              }
            />{" "}
            {label}
          </label>
        ))}
      </span>
      <Reasons path={path} inside />
      {field.hint && <small>{field.hint}</small>}
    </fieldset>
  );
}
