import type { ShownNotice } from "./floor";
import type { CallSummary } from "./types";

export function Notices({
  notices,
  calls,
  onDismiss,
}: {
  notices: ShownNotice[];
  calls: Record<string, CallSummary>;
  onDismiss: (id: number) => void;
}) {
  return (
    <ul className="notices" aria-label="Notices" aria-live="polite">
      {notices.map((notice) => {
        const call = calls[notice.subject];
        return (
          <li key={notice.id}>
            <span>
              {call && (
                <a href={`#call/${encodeURIComponent(call.id)}`}>
                  Call from {call.from || "a withheld number"}:
                </a>
              )}{" "}
              {notice.text}
            </span>
            <button
              type="button"
              className="plain"
              aria-label={`Dismiss: ${notice.text}`}
              onClick={() => onDismiss(notice.id)}
            >
              Dismiss
            </button>
          </li>
        );
      })}
    </ul>
  );
}
