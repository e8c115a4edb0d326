import { useRef, useState } from "react";
import {
  isObject,
  placeOf,
  reasonsIn,
  withItem,
  withItemMoved,
  withoutItem,
  type Json,
  type Path,
} from "./document";
import { useEditing, useValue } from "./editing";
import { Fields, Reasons } from "./fields";
import type { GroupSpec, ListSpec } from "./spec";

/** Values that belong together; they may be absent as a whole. */
export function GroupField({ field, path }: { field: GroupSpec; path: Path }) {
  const [value, change] = useValue(path);
  const there = isObject(value);
  return (
    <fieldset className="field nested" data-place={placeOf(path)}>
      <legend>
        {field.optional ? (
          <label>
            <input
              type="checkbox"
              checked={there}
              onChange={(event) => change(event.target.checked ? (field.optional ?? {}) : undefined)}
            />{" "}
            {field.label}
          </label>
        ) : (
          field.label
        )}
      </legend>
      {field.hint && <small>{field.hint}</small>}
      <Reasons path={path} />
      {(there || !field.optional) && <Fields fields={field.fields} path={path} />}
    </fieldset>
  );
}

/** Things of one kind: added, removed and, where it matters, put in order. */
export function ListField({ field, path }: { field: ListSpec; path: Path }) {
  const { document, replace } = useEditing();
  const [value, change] = useValue(path);
  const there = Array.isArray(value);
  const items = there ? value : [];
  const end = useRef<HTMLButtonElement>(null);
  const add = () => {
    const fresh = typeof field.fresh === "function" ? field.fresh(document) : field.fresh;
    replace(withItem(document, path, fresh));
  };
  const remove = (index: number) => {
    replace(withoutItem(document, path, index));
    end.current?.focus();
  };
  return (
    <fieldset className="field nested" data-place={placeOf(path)}>
      <legend>
        {field.optional ? (
          <label>
            <input
              type="checkbox"
              checked={there}
              onChange={(event) => change(event.target.checked ? [] : undefined)}
            />{" "}
            {field.label}
          </label>
        ) : (
          field.label
        )}{" "}
        {there && <span className="count">{items.length}</span>}
      </legend>
      {field.hint && <small>{field.hint}</small>}
      <Reasons path={path} />
      <ol className={field.folded ? "folded" : "unfolded"}>
        {items.map((item, index) => {
          const name = isObject(item) ? field.itemName(item, document) : `${index + 1}`;
          const actions = (
            <span className="item-actions">
              {field.ordered && (
                <>
                  <button
                    type="button"
                    className="plain small"
                    disabled={index === 0}
                    aria-label={`Move ${name} up`}
                    onClick={() => replace(withItemMoved(document, path, index, -1))}
                  >
                    Up
                  </button>
                  <button
                    type="button"
                    className="plain small"
                    disabled={index === items.length - 1}
                    aria-label={`Move ${name} down`}
                    onClick={() => replace(withItemMoved(document, path, index, 1))}
                  >
                    Down
                  </button>
                </>
              )}
              <button
                type="button"
                className="plain small"
                aria-label={`Remove ${name}`}
                onClick={() => remove(index)}
              >
                Remove
              </button>
            </span>
          );
          return field.folded ? (
            <FoldedItem key={index} name={name} item={item} path={[...path, index]}>
              <Reasons path={[...path, index]} />
              <Fields fields={field.item} path={[...path, index]} />
              {actions}
            </FoldedItem>
          ) : (
            <li key={index} aria-label={name}>
              <Reasons path={[...path, index]} />
              <Fields fields={field.item} path={[...path, index]} />
              {actions}
            </li>
          );
        })}
      </ol>
      {(there || !field.optional) && (
        <button type="button" className="small add" ref={end} onClick={add}>
          {field.addLabel}
        </button>
      )}
    </fieldset>
  );
}

/** Only its name until it is opened; open by itself where something is wrong inside. */
function FoldedItem({
  name,
  item,
  path,
  children,
}: {
  name: string;
  item: Json;
  path: Path;
  children: React.ReactNode;
}) {
  const { problems } = useEditing();
  const wrong = reasonsIn(problems, path).length;
  // A thing without a name has just been added.
  const [open, setOpen] = useState(isObject(item) && item.id === "");
  const shown = open || wrong > 0;
  return (
    <li>
      <details open={shown} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          {name} {wrong > 0 && <span className="bad">{wrong} to correct</span>}
        </summary>
        {shown && children}
      </details>
    </li>
  );
}
