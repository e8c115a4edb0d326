import { useId, useState } from "react";
import { isObject, placeOf, type Json, type Path } from "./document";
import { useValue } from "./editing";
import { NumberInput, Reasons, Suggestions } from "./fields";
import { numberFromText } from "./numbers";
import type { LevelsSpec, WordsSpec } from "./spec";

/** Names with a number each. */
export function LevelsField({ field, path }: { field: LevelsSpec; path: Path }) {
  const [value, change] = useValue(path);
  const levels = isObject(value) ? Object.entries(value) : [];
  const [added, setAdded] = useState("");
  const add = () => {
    const name = added.trim();
    if (name && !levels.some(([one]) => one === name))
      change(Object.fromEntries([...levels, [name, 1]]));
    setAdded("");
  };
  return (
    <fieldset className="field levels" data-place={placeOf(path)}>
      <legend>{field.label}</legend>
      <ul>
        {levels.map(([name]) => (
          <li key={name} className="group">
            <span className="level-name">{name}</span>
            <label>
              {field.levelLabel}{" "}
              <NumberInput path={[...path, name]} aria-label={`${field.levelLabel} of ${name}`} />
            </label>
            <button
              type="button"
              className="plain small"
              aria-label={`Remove ${name}`}
              onClick={() => change(Object.fromEntries(levels.filter(([one]) => one !== name)))}
            >
              Remove
            </button>
            <Reasons path={[...path, name]} />
          </li>
        ))}
      </ul>
      <AddWord label={field.nameLabel} value={added} onChange={setAdded} onAdd={add} />
      <Reasons path={path} />
      {field.hint && <small>{field.hint}</small>}
    </fieldset>
  );
}

/** Words in a list. */
export function WordsField({ field, path }: { field: WordsSpec; path: Path }) {
  const [value, change] = useValue(path);
  const words = Array.isArray(value) ? value.map(String) : [];
  const [added, setAdded] = useState("");
  const add = () => {
    const word = added.trim();
    const kept = Array.isArray(value) ? value : [];
    if (word && !words.includes(word))
      change([...kept, field.numbers ? numberFromText(word, false) ?? word : word]);
    setAdded("");
  };
  return (
    <fieldset className="field words" data-place={placeOf(path)}>
      <legend>{field.label}</legend>
      <ul className="group">
        {words.map((word, index) => (
          <li key={`${index} ${word}`} className="word">
            {word}
            <button
              type="button"
              className="plain small"
              aria-label={`Remove ${word}`}
              onClick={() => change((value as Json[]).filter((_, at) => at !== index))}
            >
              Remove
            </button>
            <Reasons path={[...path, index]} />
          </li>
        ))}
      </ul>
      <AddWord
        label={field.itemLabel}
        value={added}
        suggest={field.suggest}
        onChange={setAdded}
        onAdd={add}
      />
      <Reasons path={path} />
      {field.hint && <small>{field.hint}</small>}
    </fieldset>
  );
}

function AddWord({
  label,
  value,
  suggest,
  onChange,
  onAdd,
}: {
  label: string;
  value: string;
  suggest?: string | undefined;
  onChange: (text: string) => void;
  onAdd: () => void;
}) {
  const list = useId();
  return (
    <span className="group">
      <input
        list={list}
        aria-label={label}
        placeholder={label}
        value={value}
        maxLength={64}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          onAdd();
        }}
      />
      <Suggestions id={list} kind={suggest} />
      <button type="button" className="small" disabled={!value.trim()} onClick={onAdd}>
        Add
      </button>
    </span>
  );
}
