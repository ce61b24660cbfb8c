// Frames of figures that fill their column, and the part of the sky in them (see theme.py).

const LEAST_FRAME = 320; // screen pixels, on windows of any height
const MOST_FRAME = 1000; // in height: a larger one would push all else off the screen
const ABOVE_FIGURE = 250; // screen pixels of header, tabs and choices, which stay in sight with it
const IN_CARD = 24; // screen pixels below it, where the card of a figure is at the top of the window
const SPARE = 40; // screen pixels that may stay free beside a frame, so that it keeps its place
const LEAST_SHARE = 0.55; // of the height of a figure, in however low a window
const LEAST_PART = 0.6; // of the height of the window, for a figure in a low one

// The smallest part of the sky of the shape of a frame that holds a box, with its middle.
function fitted(box, { width, height }) {
  const scale = Math.max((box.right - box.left) / width, (box.top - box.bottom) / height);
  const [x, y] = [(box.left + box.right) / 2, (box.bottom + box.top) / 2];
  const [across, up] = [(scale * width) / 2, (scale * height) / 2];
  return { left: x - across, right: x + across, bottom: y - up, top: y + up };
}

function near(box, other) {
  const size = other.right - other.left + other.top - other.bottom;
  return Object.keys(other).every((side) => Math.abs(box[side] - other[side]) < 1e-6 * size);
}

// Width and height of a frame in a room. Where the room is narrow it has the shape of what it
// shows; where it is wide it takes all of it, and more of the sky is seen at both sides.
function frameIn(room, shape) {
  const width = Math.floor(Math.max(LEAST_FRAME / 2, room.width));
  const wanted = Math.max(width / shape, Math.min(width, LEAST_FRAME));
  return { width, height: Math.round(Math.min(wanted, room.height)) };
}

// The largest frame of a shape in a room.
function frameOfShape(room, shape) {
  const width = Math.floor(Math.max(LEAST_FRAME / 2, Math.min(room.width, room.height * shape)));
  return { width, height: Math.round(width / shape) };
}

// The height of a figure that shares a window with others, at most what it would have alone.
function heightIn(windowHeight, part, most) {
  return Math.round(Math.min(most, Math.max(LEAST_SHARE * most, part * windowHeight)));
}

class Frames {
  constructor(el) {
    this.el = el;
    this.parts = new Map(); // by figure: what was asked to be seen
    this.rooms = new Map(); // by figure: the room for which it was given its frame
  }

  // Brings a figure into its room, and its part of the sky to equal scales; true if it moved.
  fill(view) {
    const tags = (view.model.tags ?? []).map(String);
    const filling = tags.find((tag) => tag.startsWith("fills-column"));
    const ofSky = tags.includes("equal-scale");
    this.share(view.model, tags);
    const { frame_width: width, frame_height: height } = view.model;
    const frame = (filling && this.sized(view, filling, ofSky)) || { width, height };
    const moved = ofSky && this.showPart(view.model, frame);
    const grown = frame.width !== width || frame.height !== height;
    // Laying it out draws it at once: the ranges are set before.
    if (grown) view.model.setv({ frame_width: frame.width, frame_height: frame.height });
    return moved || (ofSky && grown);
  }

  share(plot, tags) {
    const tag = tags.find((one) => one.startsWith("part-of-window:"));
    if (!tag) return;
    const [, part, most] = tag.split(":").map(Number);
    const height = heightIn(window.innerHeight, part, most);
    if (height !== plot.height) plot.setv({ height });
  }

  sized(view, tag, free) {
    const { frame_width: width, frame_height: height } = view.model;
    const most = Number(tag.split(":")[1] ?? MOST_FRAME);
    const beside = view.bbox.width - view.frame.bbox.width;
    const around = view.bbox.height - view.frame.bbox.height;
    const tallest = Math.max(window.innerHeight - this.above(), LEAST_PART * window.innerHeight);
    const room = {
      width: this.el.clientWidth - beside,
      height: Math.min(most, Math.max(LEAST_FRAME, tallest - around)),
    };
    if (this.stays(view.model, room, `${this.el.clientWidth} x ${tallest}`)) return null;
    const whole = free && wholeOf(view.model);
    const frame = whole
      ? frameIn(room, (whole.right - whole.left) / (whole.top - whole.bottom))
      : frameOfShape(room, width / height);
    const small = Math.abs(frame.width - width) < 2 && Math.abs(frame.height - height) < 2;
    return small ? null : frame;
  }

  // A frame stays while the page does: numbers at the bar, of another map, may be a little shorter.
  // Another view of the same figure may have given it another one: two would go on forever.
  stays(plot, room, page) {
    const { page: before, width, height } = this.rooms.get(plot.id) ?? {};
    const same = page === before && room.height === height;
    if (same && room.width >= width && room.width - width <= SPARE) return true;
    this.rooms.set(plot.id, { page, ...room });
    return false;
  }

  // What stays in sight above a figure: the choices in its card, or the head of the page.
  above() {
    const card = this.el.closest(".oda-card");
    if (!card) return ABOVE_FIGURE;
    return this.el.getBoundingClientRect().top - card.getBoundingClientRect().top + IN_CARD;
  }

  showPart(plot, frame) {
    const seen = seenIn(plot);
    const part = fitted(this.askedOf(plot, seen), frame);
    if (near(seen, part)) return false;
    plot.x_range.setv({ start: part.left, end: part.right });
    plot.y_range.setv({ start: part.bottom, end: part.top });
    return true;
  }

  // What was asked to be seen outlives the frames in which more is seen.
  askedOf(plot, seen) {
    const known = this.parts.get(plot.id);
    const before = { width: plot.frame_width, height: plot.frame_height };
    if (known && near(seen, fitted(known, before))) return known;
    const whole = wholeOf(plot);
    const asked = near(seen, fitted(whole, before)) ? whole : seen;
    this.parts.set(plot.id, asked);
    return asked;
  }
}

function wholeOf({ x_range: x, y_range: y }) {
  return { left: x.reset_start, right: x.reset_end, bottom: y.reset_start, top: y.reset_end };
}

function seenIn({ x_range: x, y_range: y }) {
  return { left: x.start, right: x.end, bottom: y.start, top: y.end };
}
