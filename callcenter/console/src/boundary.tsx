import { Component, type ReactNode } from "react";

/** Keeps a part that cannot be drawn from taking the whole screen with it. */
export class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <p className="bad" role="alert">
        This part cannot be shown. The call is not affected.{" "}
        <button type="button" className="plain" onClick={() => this.setState({ failed: false })}>
          Try again
        </button>
      </p>
    );
  }
}
