// Sky position under the pointer: the inverse gnomonic projection of FITS (Calabretta & Greisen
// 2002). Bokeh calls this with the pixel in special_vars and the wanted notation in format.
const rad = Math.PI / 180
const dx = special_vars.x + 1 - crpix[0]
const dy = special_vars.y + 1 - crpix[1]
const xi = (cd[0] * dx + cd[1] * dy) * rad
const eta = (cd[2] * dx + cd[3] * dy) * rad
const [ra0, dec0] = [crval[0] * rad, crval[1] * rad]
const below = Math.cos(dec0) - eta * Math.sin(dec0)
const ra = ((ra0 + Math.atan2(xi, below)) / rad + 360) % 360
const dec = Math.atan2(eta * Math.cos(dec0) + Math.sin(dec0), Math.hypot(xi, below)) / rad

const two = (number) => String(number).padStart(2, "0")
function sexagesimal(value, units, decimals) {
  const scale = 10 ** decimals
  const whole = Math.round(Math.abs(value) * 3600 * scale)
  const seconds = ((whole / scale) % 60).toFixed(decimals).padStart(decimals ? 3 + decimals : 2, "0")
  const minutes = Math.floor(whole / scale / 60)
  return `${two(Math.floor(minutes / 60))}${units[0]} ${two(minutes % 60)}${units[1]} ${seconds}${units[2]}`
}
const sign = dec < 0 ? "−" : "+"
const notations = {
  sexagesimal: `${sexagesimal(ra / 15, ["h", "m", "s"], 1)}, ${sign}${sexagesimal(dec, ["°", "′", "″"], 0)}`,
  degrees: `${ra.toFixed(4)}°, ${sign}${Math.abs(dec).toFixed(4)}°`,
}
return notations[format]
