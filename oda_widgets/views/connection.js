// The connection of the page to its kernel, which may break and come back. This text stands before
// that of each widget that needs it, as bokehjs.js does.

// Sends a message, or drops it where nobody will hear it any more.
function tell(model, message) {
  try {
    model.send(message);
  } catch {
    // the connection is closed for good: page.js says so
  }
}

// Calls a function with each state of the connection: "connecting", "connected", "disconnected".
function watchConnection(model, act) {
  const states = model.widget_manager?.kernel?.connectionStatusChanged;
  const hear = (_kernel, state) => act(state);
  states?.connect(hear);
  return () => states?.disconnect(hear);
}

function whenConnectedAgain(model, act) {
  return watchConnection(model, (state) => state === "connected" && act());
}
