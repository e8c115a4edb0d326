import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The API's content security policy allows nothing inline, so nothing may be inlined.
export default defineConfig({
  plugins: [react()],
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
