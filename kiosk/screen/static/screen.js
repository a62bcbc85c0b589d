"use strict";
// Asks for the state a few times a second and writes it into the page. The page works without this:
// forms are plain forms, and it reloads itself.
const element = (id) => document.getElementById(id);
const show = (id, visible) => { element(id).hidden = !visible; };
const write = (id, text) => { if (element(id).textContent !== text) element(id).textContent = text; };

async function refresh() {
  let state;
  try {
    state = await (await fetch("state.json", { cache: "no-store" })).json();
  } catch {
    return;
  }
  document.body.dataset.mode = state.mode;
  write("time", state.time);
  write("date", state.date);
  write("prompt", state.prompt);
  const thanked = state.mode === "thanks" && state.thanks;
  show("thanks", Boolean(thanked));
  if (thanked) {
    write("thanks-name", state.thanks.name);
    write("thanks-at", state.thanks.at);
    write("thanks-method", state.thanks.method);
  }
  // "Not me" outlasts the thank-you: it stays as long as it is possible.
  show("not-me", state.undo_seconds > 0);
  if (state.undo_seconds > 0) {
    element("thanks-id").value = state.thanks.event_id;
    write("undo-name", state.thanks.name);
    write("undo", String(state.undo_seconds));
  }
  show("fault", Boolean(state.fault));
  write("fault", state.fault || "");
  if (state.thanks) write("last", `${element("last").dataset.label}: ${state.thanks.at}`);
  for (const id of ["waiting", "quarantined"]) {
    show(id, state[id] > 0);
    write(id, `${element(id).dataset.label}: ${state[id]}`);
  }
  show("delivery", Boolean(state.delivery));
  write("delivery", state.delivery || "");
  show("preview", state.has_preview);
  if (state.has_preview) element("preview").src = `preview.jpg?at=${state.time}.${performance.now() | 0}`;
}

setInterval(refresh, 300);
refresh();
