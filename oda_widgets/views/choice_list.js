// A list of which several may be chosen (see choice_list.py).
//
// page -> kernel: choose {chosen, edition, click}

function fill(list, lines) {
  // Blanks side by side are part of a name.
  list.replaceChildren(...lines.map((line) => new Option(line.replaceAll(" ", "\u00a0"))));
}

export default {
  render({ model, el }) {
    const list = document.createElement("select");
    list.multiple = true;
    let edition = null, click = 0;
    const draw = () => {
      const shown = model.get("shown");
      list.size = model.get("rows");
      list.title = model.get("what");
      const answersOlderClick = shown.edition === edition && shown.click < click;
      if (answersOlderClick) return; // the answer to the latest is on its way
      if (shown.edition !== edition) fill(list, shown.lines);
      edition = shown.edition;
      const chosen = new Set(shown.chosen);
      [...list.options].forEach((option, place) => {
        if (option.selected !== chosen.has(place)) option.selected = chosen.has(place);
      });
    };
    list.addEventListener("change", () => {
      click = performance.timeOrigin + performance.now(); // grows, also after a reload
      const chosen = [...list.selectedOptions].map((option) => option.index);
      model.send({ type: "choose", chosen, edition, click });
    });
    model.on("change", draw);
    el.classList.add("widget-select", "widget-select-multiple");
    el.append(list);
    draw();
    return () => model.off("change", draw);
  },
};
