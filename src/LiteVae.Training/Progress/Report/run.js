// curves
const charts = [...document.querySelectorAll(".chart svg")].map(svg => ({
  svg, output: svg.parentElement.querySelector("output"), latest: svg.parentElement.querySelector("output").textContent,
  steps: svg.dataset.steps.split(" ").map(Number), values: svg.dataset.values.split(" "),
  places: svg.querySelector(".points").getAttribute("points").split(" ").map(place => place.split(",").map(Number)),
}));
const draw = (svg, name, values) => {
  const element = svg.querySelector(name + ".cross") ?? svg.appendChild(document.createElementNS(svg.namespaceURI, name));
  element.classList.add("cross");
  for (const key in values) element.setAttribute(key, values[key]);
};
// all charts show the step under the pointer
const show = x => charts.forEach(({ svg, output, steps, values, places }) => {
  let at = 0;
  places.forEach((place, i) => { if (Math.abs(place[0] - x) < Math.abs(places[at][0] - x)) at = i; });
  draw(svg, "path", { d: `M${places[at][0]} 0V${svg.viewBox.baseVal.height}` });
  draw(svg, "circle", { r: 4, cx: places[at][0], cy: places[at][1] });
  output.textContent = `step ${steps[at].toLocaleString("en")}: ${values[at]} ${svg.dataset.unit}`;
});
const leave = () => charts.forEach(({ svg, output, latest }) => {
  svg.querySelectorAll(".cross").forEach(element => element.remove());
  output.textContent = latest;
});
charts.forEach(({ svg }) => {
  svg.onpointermove = svg.onpointerdown = event => show(new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse()).x);
  svg.onpointerleave = leave;
});
// a killed run cannot say so: the reader sees by the page's age
const age = () => {
  const minutes = Math.floor((Date.now() - Date.parse(document.querySelector("time").dateTime.replace(" ", "T"))) / 60000);
  document.getElementById("age").textContent = minutes < 1 ? ", just now" : minutes < 120 ? `, ${minutes} min ago` : minutes < 2880 ? `, ${Math.floor(minutes / 60)} h ago` : `, ${Math.floor(minutes / 1440)} days ago`;
};
age();
setInterval(age, 30000);
if (document.querySelector("main.running")) setTimeout(() => location.reload(), 60000);
