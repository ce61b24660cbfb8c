// Tells what is being typed into a field that tells its own value only when it is left
// (see typing_watch.py).
//
// page -> kernel: typing {text}, settled {text}

export default {
  render({ model, el }) {
    // The field is drawn after this, and its keys do not leave it: they are caught on their way in.
    const field = (event) =>
      event.target.matches?.(".oda-watched input") &&
      el.closest(".oda-card")?.contains(event.target) ? event.target : null;
    const tell = (type) => (event) => {
      const watched = field(event);
      if (watched) model.send({ type, text: watched.value });
    };
    const typing = tell("typing"), settled = tell("settled");
    const entered = (event) => event.key === "Enter" && settled(event);
    window.addEventListener("input", typing, true);
    window.addEventListener("focusout", settled, true);
    window.addEventListener("keydown", entered, true);
    return () => {
      window.removeEventListener("input", typing, true);
      window.removeEventListener("focusout", settled, true);
      window.removeEventListener("keydown", entered, true);
    };
  },
};
