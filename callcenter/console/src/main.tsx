import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import "./styles/base.css";
import "./styles/desk.css";
import "./styles/pages.css";
import "./styles/incidents.css";
import "./styles/responses.css";
import "./styles/rosters.css";
import "./styles/boundaries.css";
import "./styles/administration.css";

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
