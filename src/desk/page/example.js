// A panel in a page of one's own, for a user who is logged in: the newest call that they may see.
import { speak } from "./dom.js";
import { Wire, ask, setToken } from "./wire.js";
import "./panel.js";

const panel = document.getElementById("panel"), wire = new Wire();
await speak("zh");
setToken((await ask("/api/me")).csrf);
wire.addEventListener("call", ({ detail: { call, event } }) => {
  if (!panel.call || event.type === "call.started") panel.call = call;
  else if (panel.call === call) panel.update(event.type);
});
wire.start();
