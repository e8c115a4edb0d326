import { type FormEvent, useState } from "react";
import { ApiError, get, post } from "./api";
import { Problem } from "./problem";
import type { Me } from "./types";

export function SignIn({ onSignedIn }: { onSignedIn: (me: Me) => void }) {
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const entered = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      await post("sign-in", { name: entered.get("name"), password: entered.get("password") });
      onSignedIn(await get<Me>("me"));
    } catch (error) {
      setProblem(error as ApiError);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className="sign-in" onSubmit={(event) => void submit(event)}>
      <h1>Hotline console</h1>
      <label>
        Name
        <input name="name" autoComplete="username" autoFocus required />
      </label>
      <label>
        Password
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <Problem problem={problem} />
      <button type="submit" disabled={busy}>
        Sign in
      </button>
    </form>
  );
}
