import { post } from "./api";
import type { Floor } from "./floor";
import { addressOf, pagesFor, pageTitle, type PageName } from "./routes";
import type { Me } from "./types";

/** Who is signed in, the way to every page, and whether what is shown is the present. */
export function Header({
  me,
  floor,
  page,
  onSignedOut,
}: {
  me: Me;
  floor: Floor;
  page: PageName;
  onSignedOut: () => void;
}) {
  const leave = () => {
    void post("sign-out").finally(onSignedOut);
  };
  const pages = pagesFor(me.role);
  return (
    <>
      <header>
        <h1>
          <a href="#">Hotline</a>
        </h1>
        <span className={floor.connected ? "good" : "bad"} role="status">
          {floor.connected ? "● live" : "○ not connected"}
        </span>
        {pages.length > 1 && (
          <nav aria-label="Pages">
            {pages.map((name) => (
              <a
                key={name}
                href={addressOf(name)}
                aria-current={name === page ? "page" : undefined}
              >
                {pageTitle[name]}
              </a>
            ))}
          </nav>
        )}
        <span className="spacer" />
        <span>
          {me.name} ({me.role})
        </span>
        <button type="button" className="plain" onClick={leave}>
          Sign out
        </button>
      </header>
      {!floor.connected && (
        <p className="banner" role="alert">
          Not connected to the service: what you see may be old. Calls go on through Asterisk; keep
          talking and answer your phone. This screen reconnects by itself.
        </p>
      )}
      {floor.speech && !floor.speech.available && (
        <p className="banner mild" role="status">
          Speech is off: {floor.speech.why}. Calls and recordings go on; write the record by hand.
        </p>
      )}
    </>
  );
}
