// A button that puts a text on the clipboard (see copy.py).
//
// page -> kernel: copied {local}
const APP = "http://127.0.0.1:8866/"; // of `oda-widgets app`
const DOOR = /\/door-[\w-]{43}\//; // the secret part of its addresses, which no link holds

// A query string becomes the link of this page or, in JupyterLab, of the app.
function whole(text) {
  if (!text.startsWith("?")) return text;
  const ours = document.getElementById("rendered_cells") !== null;
  const { origin, pathname } = window.location;
  return (ours ? origin + pathname.replace(DOOR, "/") : APP) + text;
}

// Whether a text is a link that opens on this computer only.
function isLocal(text) {
  const host = URL.canParse(text) ? new URL(text).hostname : "";
  return ["127.0.0.1", "localhost", "[::1]"].includes(host);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyTheOldWay(text); // pages that are not served from this machine over http have no clipboard
  }
}

function copyTheOldWay(text) {
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export default {
  render({ model, el }) {
    const button = document.createElement("button");
    button.className = "jupyter-widgets jupyter-button widget-button oda-chip";
    const show = () => {
      button.textContent = model.get("description");
      button.disabled = !model.get("text");
      button.title = model.get("without");
    };
    button.addEventListener("click", async () => {
      await copy(whole(model.get("text")));
      button.textContent = "Copied";
      model.send({ type: "copied", local: isLocal(whole(model.get("text"))) });
      setTimeout(show, 1500);
    });
    model.on("change", show);
    el.append(button);
    show();
    return () => model.off("change", show);
  },
};
