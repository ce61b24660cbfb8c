
// Speaks with the page around the panels (see page.py).
//
// page -> kernel: shown {link, session}, moved {link}, key {key}, ping
// kernel -> page: address {link, replace}, keep {session}, anew, pong

const SILENCE = 15_000; // ms without an answer before the kernel is said to be gone
const PING_AGAIN = 5_000; // ms; asked only while somebody uses the page, so that it may end idle
const GONE =
  "The kernel behind this page does not answer: it is busy, or it has ended. " +
  "Reload the page to go on where you were; results that were computed are in the store.";
const ENDED =
  "The kernel behind this page has ended. " +
  "Reload the page to go on where you were; results that were computed are in the store.";
const ENDED_IN_LAB =
  "The kernel of this notebook has ended or was started anew. " +
  "Run the cells again; results that were computed are in the store.";
const GONE_IN_LAB =
  "The kernel of this notebook does not answer: it is busy, or it has ended. " +
  "If it has ended, run the cells again; results that were computed are in the store.";

// Pages of Voila have an address and a tab of their own; those of JupyterLab belong to it.
const ownPage = () => document.getElementById("rendered_cells") !== null;
// Each start of the app has another secret part in its addresses; sessions outlive it.
const DOOR = /\/door-[\w-]{43}\//;
const keptAt = () => `oda-widgets session ${window.location.pathname.replace(DOOR, "/")}`;

function kept() {
  try {
    return (ownPage() && window.sessionStorage.getItem(keptAt())) || "";
  } catch {
    return ""; // the browser forbids it
  }
}

function keep(session) {
  try {
    if (ownPage()) window.sessionStorage.setItem(keptAt(), session);
  } catch {
    // full or forbidden: the address still holds the query
  }
}

function showAddress({ link, replace }) {
  if (!ownPage()) return;
  const address = new URL(window.location.href);
  const theme = address.searchParams.get("theme");
  const parts = [link, theme && `theme=${encodeURIComponent(theme)}`].filter(Boolean);
  address.search = parts.join("&");
  if (address.href === window.location.href) return;
  if (replace) window.history.replaceState(null, "", address);
  else window.history.pushState(null, "", address);
}

function startAnew() {
  try {
    window.sessionStorage.removeItem(keptAt());
  } catch {
    // nothing was kept
  }
  if (ownPage()) window.location.assign(window.location.pathname);
}

function typing(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

// JupyterLab acts on single letters ("a" inserts a cell) wherever no text is typed: not on the
// controls of our panels. It looks for this mark on the element in focus. Keys with a modifier
// remain its own, but for undo and redo.
function watchKeys(panels, act) {
  const undoes = (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return "";
    const key = event.key.toLowerCase();
    return key === "z" ? (event.shiftKey ? "redo" : "undo") : key === "y" ? "redo" : "";
  };
  const decide = (event) => {
    const inside = panels()?.contains(event.target);
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (inside) event.target.toggleAttribute("data-lm-suppress-shortcuts", !modified);
    const key = undoes(event);
    const ours = inside || (ownPage() && event.target === document.body);
    if (!key || !ours || typing(event.composedPath()[0])) return;
    event.preventDefault();
    event.stopPropagation();
    act(key);
  };
  window.addEventListener("keydown", decide, true); // before JupyterLab, which listens below
  return () => window.removeEventListener("keydown", decide, true);
}

function newBanner() {
  const banner = document.createElement("div");
  banner.className = "oda-alert oda-gone";
  banner.setAttribute("role", "alert");
  banner.append(document.createElement("span"));
  if (ownPage()) {
    banner.classList.add("oda-gone-in-sight");
    const button = document.createElement("button");
    button.className = "jupyter-widgets jupyter-button widget-button oda-primary";
    button.textContent = "Reload";
    button.addEventListener("click", () => window.location.reload());
    banner.append(button);
  }
  return banner;
}

function sentence({ ended }) {
  if (ended) return ownPage() ? ENDED : ENDED_IN_LAB;
  return ownPage() ? GONE : GONE_IN_LAB;
}

// Says so when the kernel no longer answers what one does, and at once when it is known to be gone.
function watchKernel(model, panels) {
  let asked = 0, answered = Date.now(), timer = null;
  const banner = newBanner();
  const show = ({ ended }) => {
    if (!panels()) return;
    banner.firstChild.textContent = sentence({ ended });
    // On the page itself it is in sight wherever that was scrolled to.
    const place = ownPage() ? document.body : panels();
    if (banner.parentElement !== place) place.prepend(banner); // a press on its button goes on
    panels().classList.add("oda-unheard");
    // What a busy kernel is told is waiting for it; one that has ended hears nothing.
    for (const part of panels().children) part.inert = ended && part !== banner;
  };
  const hide = () => {
    for (const part of panels()?.children ?? []) part.inert = false;
    panels()?.classList.remove("oda-unheard");
    banner.remove();
  };
  const ask = () => {
    if (Date.now() - asked < PING_AGAIN || timer) return;
    asked = Date.now();
    try {
      model.send({ type: "ping" });
    } catch {
      show({ ended: true }); // the connection knows already that nobody is there
      return;
    }
    timer = setTimeout(() => {
      timer = null;
      if (answered < asked) show({ ended: false });
    }, SILENCE);
  };
  const hear = (message) => {
    answered = Date.now();
    if (message.type !== "pong") return;
    clearTimeout(timer);
    timer = null;
    hide();
  };
  // Jupyter marks all widgets of a kernel that was started anew, which knows none of them.
  const isMarked = () => panels()?.matches(".jupyter-widgets-disconnected");
  const look = () => requestAnimationFrame(() => (isMarked() ? show({ ended: true }) : hide()));
  model.on("comm_live_update", look);
  const forget = watchConnection(model, (state) => {
    if (state === "disconnected") show({ ended: true });
  });
  const kinds = ["pointerdown", "keydown"];
  kinds.forEach((kind) => window.addEventListener(kind, ask, true));
  model.on("msg:custom", hear);
  return () => {
    clearTimeout(timer);
    model.off("comm_live_update", look);
    forget();
    hide();
    kinds.forEach((kind) => window.removeEventListener(kind, ask, true));
    model.off("msg:custom", hear);
  };
}

export default {
  initialize({ model }) {
    loadBokeh(model).catch(() => {}); // the figures ask again
  },
  render({ model, el }) {
    const panels = () => el.closest(".oda-workbench");
    requestAnimationFrame(() => makeAccessible(el)); // once it is part of the page
    const receive = (message) => {
      if (message.type === "address") showAddress(message);
      else if (message.type === "keep") keep(message.session);
      else if (message.type === "anew") startAnew();
    };
    const moved = () => ownPage() && model.send({ type: "moved", link: window.location.search });
    model.on("msg:custom", receive);
    window.addEventListener("popstate", moved);
    const ends = [
      watchKeys(panels, (key) => model.send({ type: "key", key })),
      watchKernel(model, panels),
    ];
    model.send({ type: "shown", link: window.location.search, session: kept() });
    return () => {
      model.off("msg:custom", receive);
      window.removeEventListener("popstate", moved);
      ends.forEach((end) => end());
    };
  },
};
